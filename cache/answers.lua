-- Gives answers that were found before, those that rest on nothing that has changed since.
--
-- KEYS: the answers
-- Returns: of each its bytes, and what the feeds have heard whose watermarks are in it; false for one that is not there,
--          or is no answer any more
--
-- An answer is stored behind its grounds, which begin with their size: keys whose values begin with a digest, these
-- digests, keys of other values, these values, keys of feeds. Of a single Redis only: where they are is not said in KEYS.
local DIGEST = 32

local function values_of(keys)
  return #keys > 0 and redis.call('MGET', unpack(keys)) or {}
end

local function are_as_they_were(keys, versions, length)
  for place, value in ipairs(values_of(keys)) do
    if string.sub(value or '', 1, length) ~= versions[place] then return false end
  end
  return true
end

local function answer_of(key)
  local stored = redis.call('GET', key)
  if not stored then return false end
  local size = struct.unpack('>I4', stored)
  local grounds = cmsgpack.unpack(string.sub(stored, 5, 4 + size))
  if not are_as_they_were(grounds[1], grounds[2], DIGEST) then return false end
  if not are_as_they_were(grounds[3], grounds[4], -1) then return false end
  return {string.sub(stored, 5 + size), unpack(values_of(grounds[5]))}
end

local answers = {}
for place, key in ipairs(KEYS) do answers[place] = answer_of(key) end
return answers
