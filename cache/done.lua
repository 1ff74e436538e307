-- Acknowledges entries of the inbox.
--
-- KEYS: inbox, how many wait
-- ARGV: group, then entries
-- Returns: how many were acknowledged by this and not before.
local acknowledged = redis.call('XACK', KEYS[1], ARGV[1], unpack(ARGV, 2))
redis.call('DECRBY', KEYS[2], acknowledged)
return acknowledged
