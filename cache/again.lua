-- Appends letters of one source to the inbox that were there before.
--
-- KEYS: inbox, how many wait by source
-- ARGV: source, then the bytes of each letter
local entry = {}
for position = 2, #ARGV do
  entry[#entry + 1] = tostring(position - 1)
  entry[#entry + 1] = ARGV[position]
end
redis.call('HINCRBY', KEYS[2], ARGV[1], #ARGV - 1)
return redis.call('XADD', KEYS[1], '*', 'source', ARGV[1], unpack(entry))
