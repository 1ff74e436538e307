-- Appends the letters of one source to the inbox, as one entry, without those that are there already.
--
-- KEYS: inbox, how many wait by source, then what was seen under the id of each letter
-- ARGV: source, seconds to remember an id, how many may wait, then digest and bytes of each letter
-- Returns: a letter each: A accepted, D duplicate; or F, and nothing was done, because too many wait.
local source, seconds, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local letters = #KEYS - 2
local waiting = 0
for _, count in ipairs(redis.call('HVALS', KEYS[2])) do waiting = waiting + tonumber(count) end
if waiting + letters > most then
  return 'F'
end
local codes, entry = {}, {}
for position = 1, letters do
  local key, digest = KEYS[position + 2], ARGV[2 * position + 2]
  local seen = redis.call('GET', key)
  if seen == digest then
    codes[position] = 'D'
  else
    codes[position] = 'A'
    entry[#entry + 1] = seen and position .. '!' or tostring(position)
    entry[#entry + 1] = ARGV[2 * position + 3]
    if not seen then redis.call('SET', key, digest, 'EX', seconds) end
  end
end
if #entry > 0 then
  redis.call('XADD', KEYS[1], '*', 'source', source, unpack(entry))
  redis.call('HINCRBY', KEYS[2], source, #entry / 2)
end
return table.concat(codes)
