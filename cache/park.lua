-- Keeps a letter that could not be used; of too many, the oldest goes.
--
-- KEYS: parked, how many are parked by source
-- ARGV: how many are kept, source, the letter
while redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) do
  local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  redis.call('XDEL', KEYS[1], oldest[1])
  redis.call('HINCRBY', KEYS[2], oldest[2][2], -1)
end
redis.call('HINCRBY', KEYS[2], ARGV[2], 1)
return redis.call('XADD', KEYS[1], '*', 'source', ARGV[2], 'parked', ARGV[3])
