-- Replaces a parked letter, if it is still there.
--
-- KEYS: parked letters
-- ARGV: its name, the letter
return redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 and redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
