-- console: evaluates a line, prints what it comes to, and knows how a name may go on.
--
-- Called once with the host's functions and the sandbox; returns evaluate(line, json) and complete(start). Names of the host are fetched when a
-- line asks for them, once a line; what a line sets without local stays.
local host, sandbox = ...

local error, getmetatable, ipairs, next, pcall, rawget, rawset, select, setfenv, setmetatable, tostring, type =
	error, getmetatable, ipairs, next, pcall, rawget, rawset, select, setfenv, setmetatable, tostring, type
local form, find, gsub, match, rep, byte, concat, sort = string.format, string.find, string.gsub, string.match, string.rep, string.byte, table.concat, table.sort
local loadstring = loadstring

local DEPTH = 6                 -- of tables that are shown

local env = sandbox(host, { pow = host.pow })
local own, fetched = {}, {}
local box = setmetatable({}, {
	__index = function(_, name)
		if own[name] ~= nil then
			return own[name]
		elseif host.names[name] == nil then
			return env[name]
		elseif fetched[name] == nil then
			fetched[name] = host.fetch(name)
		end
		return fetched[name]
	end,
	__newindex = function(_, name, value)
		if host.names[name] ~= nil then
			error(tostring(name) .. " is the host's, and read-only; choose another name", 0)
		end
		own[name] = value
	end,
	__metatable = "locked",
})

---------------------------------------------------------------- for people

local function keys_of(t)
	local keys = {}
	for key in next, t do
		keys[#keys + 1] = key
	end
	sort(keys, function(a, b)
		if type(a) == type(b) and type(a) ~= "boolean" and type(a) ~= "table" then
			return a < b
		end
		return type(a) .. tostring(a) < type(b) .. tostring(b)
	end)
	return keys
end

local function scalar(v)
	if type(v) == "number" then
		return form("%.10g", v)
	elseif type(v) == "table" then
		return "{...}"
	end
	return v == nil and "-" or host.show(v)
end

-- A list of rows whose fields are plain.
local function is_rows(t)
	if #t == 0 then
		return false
	end
	for key, row in next, t do
		if type(key) ~= "number" or type(row) ~= "table" or #row > 0 then
			return false
		end
		for _, v in next, row do
			if type(v) == "table" then
				return false
			end
		end
	end
	return true
end

local function show_rows(t, out)
	local columns, width = {}, {}
	for _, row in ipairs(t) do
		for key, v in next, row do
			if not width[key] then
				width[key] = #tostring(key)
				columns[#columns + 1] = key
			end
			width[key] = math.max(width[key], #scalar(v))
		end
	end
	local rank = host.order
	sort(columns, function(a, b)
		local x, y = rank[a] or 1e9, rank[b] or 1e9
		return x == y and tostring(a) < tostring(b) or x < y
	end)
	local function line(cell)
		local words = {}
		for i, key in ipairs(columns) do
			local text, right = cell(key)
			local pad = rep(" ", width[key] - #text)
			words[i] = right and pad .. text or text .. pad
		end
		out[#out + 1] = (gsub(concat(words, "  "), "%s+$", ""))
	end
	line(function(key) return tostring(key), type(t[1][key]) == "number" end)
	for _, row in ipairs(t) do
		line(function(key) return scalar(row[key]), type(row[key]) == "number" end)
	end
end

local function show(v, out, indent, depth)
	if type(v) ~= "table" then
		out[#out + 1] = indent .. scalar(v)
	elseif next(v) == nil then
		out[#out + 1] = indent .. "none"
	elseif depth == 0 and is_rows(v) then
		show_rows(v, out)
	else
		for _, key in ipairs(keys_of(v)) do
			local item = v[key]
			if type(item) == "table" and next(item) ~= nil and depth < DEPTH then
				out[#out + 1] = indent .. tostring(key) .. ":"
				show(item, out, indent .. "  ", depth + 1)
			else
				out[#out + 1] = indent .. tostring(key) .. " = " .. (type(item) == "table" and "{}" or scalar(item))
			end
		end
	end
end

---------------------------------------------------------------- for programs

local function quoted(s)
	return '"' .. gsub(s, '[%c"\\\127-\255]', function(c)
		local b = byte(c)
		return b >= 128 and c or b == 34 and '\\"' or b == 92 and "\\\\" or form("\\u%04x", b)
	end) .. '"'
end

local function json(v, depth)
	local kind = type(v)
	if kind == "number" then
		return v ~= v and "null" or (v == math.huge or v == -math.huge) and "null" or form("%.17g", v)
	elseif kind == "boolean" then
		return tostring(v)
	elseif kind == "string" then
		return quoted(v)
	elseif kind ~= "table" or depth > 16 then
		return "null"
	end
	local words = {}
	if #v > 0 then
		for i = 1, #v do
			words[i] = json(v[i], depth + 1)
		end
		return "[" .. concat(words, ",") .. "]"
	end
	for _, key in ipairs(keys_of(v)) do
		words[#words + 1] = quoted(tostring(key)) .. ":" .. json(v[key], depth + 1)
	end
	return #words > 0 and "{" .. concat(words, ",") .. "}" or "[]"
end

---------------------------------------------------------------- lines

local function compile(line)
	local chunk, unfinished = loadstring("return " .. line, "=line")
	if chunk then
		return chunk
	end
	local why
	chunk, why = loadstring(line, "=line")
	return chunk or error(find(unfinished, "near '<eof>'", 1, true) and unfinished or why, 0)
end

local function told(as_json, ...)
	local out = {}
	for i = 1, select("#", ...) do
		local v = select(i, ...)
		if as_json then
			out[#out + 1] = json(v, 0)
		else
			show(v, out, "", 0)
		end
	end
	return concat(out, "\n")
end

local function evaluate(line, as_json)
	if byte(line) == 27 then
		error("text, please", 0)
	end
	fetched = {}
	return told(as_json, setfenv(compile(line), box)())
end

local function complete(start)
	local path, last = match(start, "^(.-)([%a_]?[%w_]*)$")
	local from, names = nil, {}
	if path == "" then
		from = {}
		for _, set in ipairs { host.names, own, getmetatable(env).__index } do
			for name in next, set do
				from[name] = true
			end
		end
	elseif match(path, "^[%a_][%w_%.%[%]\"]*%.$") then
		local chunk = loadstring("return " .. path:sub(1, -2), "=line")
		local ok, value = pcall(function() return chunk and setfenv(chunk, box)() end)
		from = ok and type(value) == "table" and value or {}
	end
	for name in next, from or {} do
		if type(name) == "string" and name:sub(1, #last) == last then
			names[#names + 1] = path .. name
		end
	end
	sort(names)
	return names
end

return evaluate, complete
