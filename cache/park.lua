-- Keeps a letter that could not be used; of too many, the oldest goes.
--
-- KEYS: parked letters, their order, how many are parked by source, the last number given
-- ARGV: how many are kept, source, the letter
-- Returns: its name.
while redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[1]) do
  local oldest = redis.call('ZPOPMIN', KEYS[2])[1]
  redis.call('HDEL', KEYS[1], oldest)
  redis.call('HINCRBY', KEYS[3], string.match(oldest, '^%d+%-(.*)$'), -1)
end
local number = redis.call('INCR', KEYS[4])
local name = number .. '-' .. ARGV[2]
redis.call('HSET', KEYS[1], name, ARGV[3])
redis.call('ZADD', KEYS[2], number, name)
redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
return name
