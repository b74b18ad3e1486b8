-- The mark of this name, made where there is none (or something else), and kept for so long from now on.
local mark = redis.pcall('GETRANGE', KEYS[1], 0, 16)
if type(mark) ~= 'string' or #mark ~= 16 then
  mark = ARGV[1]
  redis.call('SET', KEYS[1], mark)
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return mark
