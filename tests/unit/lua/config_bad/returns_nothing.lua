local x = { venues = {} }
--! 1: it returns nothing, not a table; settings are read from the table that the file returns; end it with `return { ... }`
