# Writes the file IN as the C array embed_NAME into OUT; needs no tool but cmake.
file(READ "${IN}" bytes HEX)
string(LENGTH "${bytes}" digits)
math(EXPR length "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REPEAT "0x..," 16 row)
string(REGEX REPLACE "(${row})" "\\1\n" bytes "${bytes}")
file(WRITE "${OUT}" "#include \"gen/embed.h\"

const unsigned char embed_${NAME}[] = {
${bytes}0x00
};
const unsigned embed_${NAME}_len = ${length};
")
