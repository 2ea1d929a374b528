return 5
--! 1: it returns number, not a table; settings are read from the table that the file returns; end it with `return { ... }`
