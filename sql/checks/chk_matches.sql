-- chk_matches
-- what:    by what the people whom the datasets name were known, and how many were not
-- grain:   one row per dataset, batch_code and known_by (number, address, terminal, name, confirmed, none)
-- reads:   quality.people_named, quality.row_fate, quality.released
-- params:  none
-- note:    rows that are used, and those put aside because nobody knows the person; a double export counts once,
--          and so does a person in a dataset and batch, by the surest way of all rows
with counted as (
    select named.*, coalesce(named.way, 'none') as known_by
    from quality.people_named as named
    inner join quality.row_fate as fate
        on fate.file_sha = named.file_sha and fate.part_no = named.part_no and fate.emit_no = named.emit_no
    left join quality.released as released
        on released.file_sha = named.file_sha and released.dataset = named.dataset
    where fate.fate = 'accepted' or fate.fate = 'quarantined' and named.way is null and released.file_sha is null
),
ranked as (
    select
        dataset,
        batch_code,
        known_by,
        row_number() over (
            partition by dataset, batch_code, person_ref
            order by list_position(['number', 'address', 'terminal', 'name', 'confirmed', 'none'], known_by)
        ) as place
    from counted
)
select
    dataset,
    batch_code,
    known_by,
    count(*) as row_count,
    count(*) filter (place = 1) as people
from ranked
group by dataset, batch_code, known_by
order by dataset, batch_code, known_by
