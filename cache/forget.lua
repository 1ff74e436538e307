-- Keeps parked letters no longer, and puts on record why.
--
-- KEYS: parked letters, their order, how many are parked by source, what was done
-- ARGV: what is done, why, their names
-- Returns: the names of those that there were.
local found = {}
for position = 3, #ARGV do
  local name = ARGV[position]
  if redis.call('HDEL', KEYS[1], name) == 1 then
    found[#found + 1] = name
    redis.call('ZREM', KEYS[2], name)
    redis.call('HINCRBY', KEYS[3], string.match(name, '^%d+%-(.*)$'), -1)
    redis.call('XADD', KEYS[4], 'MAXLEN', '~', '10000', '*', 'name', name, 'did', ARGV[1], 'why', ARGV[2])
  end
end
return found
