-- Keeps a letter that could not be used.
--
-- KEYS: parked
-- ARGV: how many are kept, the letter
return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'parked', ARGV[2])
