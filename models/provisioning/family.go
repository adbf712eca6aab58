package provisioning

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// places are the families of roles, as connectors need them: by role, its
// family and its rank in it.
type places map[string]place

type place struct {
	family string
	rank   int
}

// placesOf reads which roles are in a family. text differs whenever they do.
func placesOf(tx *store.Tx) (in places, text string, err error) {
	var roles []tenancy.Role
	err = tx.Select("id", "family_id", "rank").Where("family_id <> ? AND deleted_at IS NULL", "").Order("id").Find(&roles).Error
	if err != nil {
		return nil, "", err
	}
	in = make(places, len(roles))
	var b strings.Builder
	for _, r := range roles {
		in[r.ID] = place{r.FamilyID, r.Rank}
		fmt.Fprintf(&b, "%s %s %d\n", r.ID, r.FamilyID, r.Rank)
	}
	return in, b.String(), nil
}

// settle puts the role of a connector into its family.
func (in places) settle(c *Connector) {
	at := in[c.Role]
	c.Family, c.Rank = at.family, at.rank
}

// Evaluation is the job to apply a company's connectors to everyone known there
// once more, since the platform changed what they come to.
type Evaluation struct {
	Company string `json:"company"`
	// Family is the family that changed, and Version the one of that change: a
	// later change of it brings a later job for the same companies, so that this
	// one has nothing left to do. Version is 0 where that cannot be told.
	Family  string `json:"family,omitempty"`
	Version int64  `json:"version,omitempty"`
}

// Kind names the job in the queue.
func (Evaluation) Kind() string { return "evaluation" }

// familyChanged has every company evaluated in which a connector gives a role of
// the family's level or application: by a job each, lest one request wait for
// all of them. It runs in a System transaction.
func familyChanged(tx *store.Tx, about store.About) error {
	if _, arranged := about.Data["roles"]; !arranged {
		return nil
	}
	var companies []string
	err := tx.Model(&connectorRow{}).Distinct("company_id").Where("state = ? AND level = ? AND application_id = ? AND deleted_at IS NULL",
		On, about.Data["level"], about.Data["application"]).Order("company_id").Pluck("company_id", &companies).Error
	if err != nil {
		return err
	}
	version, _ := about.Data["version"].(int64)
	for _, company := range companies {
		if err := tx.Enqueue(Evaluation{Company: company, Family: about.ID, Version: version}); err != nil {
			return err
		}
	}
	return nil
}

// CatchUp carries out an Evaluation, by a run of its own. A run that does more
// than the company lets pass is held until its managers decide. Where nobody
// gains or loses a role, the company hears nothing of it.
func (c *Connectors) CatchUp(ctx context.Context, job Evaluation) error {
	var r Run
	err := c.store.System(ctx, "apply changed families of roles", func(tx *store.Tx) error {
		tx.NothingToRecord()
		r = Run{}
		if err := tx.LockCompany(job.Company, false); err != nil {
			return err
		}
		if late, err := superseded(tx, job); err != nil || late {
			return err
		}
		reg, err := tenancy.LoadRegistry(tx)
		if err != nil {
			return err
		}
		party, err := tenancy.PartyOf(tx, job.Company, "")
		if err != nil {
			return err
		}
		tx.Actor.Effective = party
		return tx.Within(job.Company, func(tx *store.Tx) error {
			brakes, err := brakesOf(tx, job.Company)
			if err != nil {
				return err
			}
			if r, err = begin(tx, Run{Cause: RolesOrdered, SubjectID: job.Family, SubjectName: reg.Families[job.Family].Name}); err != nil {
				return err
			}
			r.limit(brakes, nil)
			return r.save(tx)
		})
	})
	if err != nil || r.ID == "" {
		return err
	}
	return c.finishNow(ctx, r)
}

// finishNow does the parts of a run until it is no longer under way.
func (c *Connectors) finishNow(ctx context.Context, r Run) error {
	for {
		if err := c.advance(ctx, r); err != nil {
			return err
		}
		open, err := c.underWay(ctx)
		if err != nil || !slices.ContainsFunc(open, func(o Run) bool { return o.ID == r.ID }) {
			return err
		}
	}
}

// superseded says whether a later job does the same.
func superseded(tx *store.Tx, job Evaluation) (bool, error) {
	if job.Version == 0 {
		return false, nil
	}
	var now []tenancy.Family
	err := tx.Where("id = ?", job.Family).Find(&now).Error
	return len(now) == 0 || now[0].Version > job.Version, err
}

func recordApplied(tx *store.Tx, family string, people int64) error {
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return err
	}
	names := []string{}
	for _, r := range reg.InFamily(family) {
		names = append(names, r.Name)
	}
	tx.Record(event.FamilyApplied, store.About{ID: family, Name: reg.Families[family].Name, Data: map[string]any{"roles": names, "people": people}})
	return nil
}

// First is the role that goes before another one of its family at a target; ""
// where none does.
func (r Result) First(c Change) string {
	at := slices.IndexFunc(r.Outranked, func(o Outranked) bool { return o.Target == c.Target && o.Role == c.Role })
	if at < 0 {
		return ""
	}
	for _, g := range r.Grants {
		if g.Target == c.Target && slices.ContainsFunc(g.Evidence, func(e Evidence) bool { return e.Connector == r.Outranked[at].By }) {
			return g.Role
		}
	}
	return ""
}

// Instead is the role of the same family that somebody loses where he gains
// another, or gains where he loses it; "" where there is none.
func (t Targets) Instead(a Applied, c Change) string {
	family := t.Roles[c.Role].FamilyID
	others := a.Gained
	if slices.Contains(a.Gained, c) {
		others = a.Lost
	}
	for _, other := range others {
		if family != "" && other.Target == c.Target && t.Roles[other.Role].FamilyID == family {
			return other.Role
		}
	}
	return ""
}

// Turn is the family of a role, in the order in which its roles decide.
func (t Targets) Turn(role string) []tenancy.Role {
	return t.InFamily(t.Roles[role].FamilyID)
}
