-- people
-- what:    students with an invented 18-digit number; the same student always gets the same one
-- grain:   one row per id_student
-- reads:   info
-- note:    the number's form is valid (a birth date in the 1960s, start 2006-01, the sex, a serial), its
--          content is the student's identifier and nothing else
select distinct
    id_student,
    strftime(date '1960-01-01' + cast(id_student // 999 as integer), '%Y%m%d') || '200601'
    || case gender when 'M' then '1' else '2' end
    || lpad(cast(id_student % 999 + 1 as varchar), 3, '0') as nip,
    case gender when 'M' then 'L' else 'P' end as sex,
    upper(trim(regexp_replace(region, '[^A-Za-z]+', '-', 'g'))) as unit_code,
    region
from info
