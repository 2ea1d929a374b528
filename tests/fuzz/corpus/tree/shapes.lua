--[==[ remark { ]==]
local shared = { x = 0.00075, [ [[k]] ] = 'it\'s \z
   long', ["q"] = { [2] = 2, 1 } }
local made = {}
for i = 1, 3 do made[i] = { n = i, sum = i * 2 } end
local function f(a, b) if a then return { k = a, l = b } end end
return { one = shared, list = made; call = f(1, { 2 }), fun = (function() return { z = 1 } end)(), s = "a" .. "b", [1] = -1 }
