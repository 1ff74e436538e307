-- Appends an event to the inbox, unless it is there already.
--
-- KEYS: inbox, what was seen under this id, how many wait
-- ARGV: digest of the event, seconds to remember it, how many may wait, then fields and values of the entry
-- Returns: ACCEPTED, DUPLICATE, or FULL.
local seen = redis.call('GET', KEYS[2])
if seen == ARGV[1] then
  return 'DUPLICATE'
end
if tonumber(redis.call('GET', KEYS[3]) or '0') >= tonumber(ARGV[3]) then
  return 'FULL'
end
local entry = {}
for position = 4, #ARGV do entry[#entry + 1] = ARGV[position] end
if seen then
  entry[#entry + 1] = 'conflict'
  entry[#entry + 1] = '1'
else
  redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
end
redis.call('XADD', KEYS[1], '*', unpack(entry))
redis.call('INCR', KEYS[3])
return 'ACCEPTED'
