-- chk_returned_rows
-- what:    all that was put aside and has not come back mended, with the rule and what to do
-- grain:   one row per refused file, or per line of a file and rule (a line of a form gives many rows: items)
-- reads:   quality.files, quality.quarantine, quality.released, quality.rules
-- params:  none
select
    provider,
    file_sha,
    null as dataset,
    refused_place as place,
    refused_row as row_no,
    refused_column as column_name,
    refused_code as rule,
    refused_id as message_id,
    refused_en as message_en,
    '' as remedy_id,
    '' as remedy_en,
    null as items
from quality.files
where
    refused_code is not null
    and not is_withdrawn
    and file_sha not in (select released.file_sha from quality.released as released)
union all
select
    files.provider,
    faults.file_sha,
    faults.dataset,
    faults.place,
    faults.row_no,
    faults.column_name,
    faults.rule,
    rules.message_id,
    rules.message_en,
    rules.remedy_id,
    rules.remedy_en,
    string_agg(distinct faults.item_code, ',' order by faults.item_code) as items
from quality.quarantine as faults
inner join quality.files as files on files.file_sha = faults.file_sha
left join quality.rules as rules on rules.rule = faults.rule
where
    faults.severity = 'critical'
    and not exists (
        select 1 from quality.released as released
        where released.file_sha = faults.file_sha and released.dataset = faults.dataset
    )
group by all
order by all
