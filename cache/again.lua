-- Appends an event to the inbox that was there before.
--
-- KEYS: inbox, how many wait
-- ARGV: fields and values of the entry
redis.call('INCR', KEYS[2])
return redis.call('XADD', KEYS[1], '*', unpack(ARGV))
