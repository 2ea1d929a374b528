LJ
--! 0: is compiled Lua; bytecode that was tampered with can take the host over, and nobody can read it; name the file that it was made from
