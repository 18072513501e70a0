-- rpt_quality_datasets
-- what:    what became of the rows of each dataset
-- grain:   one row per dataset
-- reads:   quality.file_summary
-- params:  none
select
    dataset,
    count(distinct file_sha) as files,
    sum(read) as read,
    sum(accepted) as accepted,
    sum(quarantined) as quarantined,
    sum(duplicate) as duplicate,
    sum(superseded) as superseded,
    sum(withdrawn) as withdrawn,
    sum(erased) as erased
from quality.file_summary
where dataset is not null
group by dataset
order by dataset
