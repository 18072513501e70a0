-- rpt_refused_files
-- what:    files that could not be read and were not withdrawn, by reason and provider
-- grain:   one row per refused_code and provider
-- reads:   quality.files
-- params:  none
select refused_code, provider, min(refused_id) as reason, count(*) as files
from quality.files
where refused_code is not null and not is_withdrawn
group by refused_code, provider
order by refused_code, provider
