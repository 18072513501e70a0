-- chk_open_proposals
-- what:    the proposals of names that the sender of a file may answer
-- grain:   one row per file_sha and code
-- reads:   quality.name_proposals, quality.released
-- params:  none
-- note:    what came back in a return is asked there; of a name in several parts of a file it is asked once
select
    proposals.file_sha,
    proposals.code,
    proposals.batch_code,
    proposals.name_key,
    proposals.like_name_key,
    cast(sum(proposals.row_count) as bigint) as row_count,
    max(proposals.likeness) as likeness
from quality.name_proposals as proposals
where
    not exists (
        select 1 from quality.released as released
        where released.file_sha = proposals.file_sha and released.dataset = proposals.dataset
    )
group by
    proposals.file_sha, proposals.code, proposals.batch_code, proposals.name_key, proposals.like_name_key
order by proposals.file_sha, proposals.batch_code, proposals.name_key, likeness desc, proposals.code
