-- Takes a lease, if it is free or ours already.
--
-- KEYS: lease
-- ARGV: token, milliseconds
-- Returns: 1 when it is ours, else 0.
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return 1
end
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0
