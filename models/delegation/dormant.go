package delegation

import "time"

// dormancy is how long a delegation is not used before it is proposed for
// revocation.
const dormancy = 30 * 24 * time.Hour

// Dormant says that the consultant could have entered for thirty days, and did
// not.
func (d Details) Dormant(now time.Time) bool {
	if !d.Status(now).MayEnter() || d.AcceptedAt == nil {
		return false
	}
	since := d.AcceptedAt.Time
	if d.StartsAt.After(since) {
		since = d.StartsAt.Time
	}
	if last, there := d.Last(); there {
		if last.LeftAt == nil {
			return false
		}
		since = last.LeftAt.Time
	}
	return now.Sub(since) >= dormancy
}

// Asked says that the host has to answer something about a delegation that
// goes on: its consultant asks for more time, or it has to be confirmed.
func (d Delegation) Asked(now time.Time) bool {
	return d.stands(now) && (d.Question != "" || d.MoreAskedAt != nil)
}

// NeedsAttention says whether a superuser has to look at the delegation.
func (d Delegation) NeedsAttention(now time.Time) bool {
	return d.Status(now).NeedsAttention() || d.Asked(now)
}
