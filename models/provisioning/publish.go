package provisioning

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

// Leave is what becomes of the roles that the last rule of a place gave.
type Leave string

// What somebody can choose when the last rule of a place goes. Roles that are
// kept are roles by hand from then on.
const (
	KeepRoles   Leave = "keep"
	RevokeRoles Leave = "revoke"
)

// Publishing is what a manager says beside the change itself.
type Publishing struct {
	Reason string // for the history
	// Confirmed is how many people he typed that the change may touch: see
	// Braked.
	Confirmed int
	Leave     Leave // see LastRule
}

// Published is what became of a change.
type Published struct {
	Saved   Saved     // the connector, unless it was deleted
	Run     Run       // without an id where the change touches nobody
	Changes []Applied // for whom something changed or was held, by name, as far as the run has come
}

// LastRule is the error of a change after which no rule that is on gives roles
// at a place where one did, until somebody chooses what becomes of them.
type LastRule struct {
	Target Target
	Others []Target // further places of the same publication
	People int64    // who have a role at any of them by its rules
}

// Error is for logs.
func (l *LastRule) Error() string { return l.Unwrap().Error() }

// Unwrap is what people are told where nobody asks further.
func (l *LastRule) Unwrap() error {
	wrong := models.FieldErrors{}
	wrong.Add("leave", "provisioning.error.last_rule", "Count", l.People)
	return wrong.Err()
}

// publication is one change of connectors by a manager.
type publication struct {
	Run
	Publishing
	undone *Run // by it; nil for none
	shifts []shift
	// change makes it, as a part of a run, and gives the connector's id; none
	// where it is of several.
	change func(tx *store.Tx, run string) (id string, err error)
}

// shift is one connector before a publication, nil for one that is made by it,
// and after it, nil for one that is deleted.
type shift struct{ was, becomes *Connector }

func (c *Connector) isOn() bool { return c != nil && c.State == On }

// publish changes a connector and evaluates everyone known, in one transaction
// with few people. With many, what it will do is looked at beforehand, and the
// run stops by itself where it would do more.
func (c *Connectors) publish(ctx context.Context, by models.Actor, p publication) (done Published, err error) {
	var foreseen *Effect
	if p.matters() {
		if foreseen, err = c.large(ctx, by, p.shifts); err != nil {
			return done, err
		}
	}
	err = c.store.Write(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		if err := tx.LockCompany(tx.Actor.Effective.Company, false); err != nil {
			return err
		}
		if !p.matters() { // nobody is touched by what is not on
			_, err := p.change(tx, "")
			return err
		}
		done.Run, done.Changes, err = c.carryOut(tx, p, foreseen)
		return err
	})
	if err != nil {
		return Published{}, err
	}
	return done, nil
}

// matters says whether a change can give or take a role.
func (p publication) matters() bool {
	on := func(s shift) bool { return s.was.isOn() || s.becomes.isOn() }
	return slices.ContainsFunc(p.shifts, on) || p.Cause == ByHand
}

// large looks at what a change does where that is not found out by doing it, and
// gives nil where it is.
func (c *Connectors) large(ctx context.Context, by models.Actor, shifts []shift) (*Effect, error) {
	var seen Preview
	var known int64
	err := c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) (err error) {
		if known, err = countKnown(tx, tx.Actor.Effective.Company); err != nil || known <= c.atOnce {
			return err
		}
		for _, s := range shifts {
			if s.becomes == nil {
				continue
			}
			if err := checkTarget(tx, s.becomes); err != nil {
				return err
			}
		}
		seen, err = c.foresee(tx, shifts)
		return err
	})
	if err != nil || known <= c.atOnce {
		return nil, err
	}
	return &seen.Effect, nil
}

func (c *Connectors) carryOut(tx *store.Tx, p publication, foreseen *Effect) (r Run, changes []Applied, err error) {
	company := tx.Actor.Effective.Company
	brakes, err := brakesOf(tx, company)
	if err != nil {
		return r, nil, err
	}
	if foreseen != nil {
		if err := foreseen.keepLinks(tx.Actor); err != nil {
			return r, nil, err
		}
		if err := foreseen.brake(brakes, p.Confirmed); err != nil {
			return r, nil, err
		}
	}
	left, err := placesLeft(tx, company, p.shifts)
	if err != nil {
		return r, nil, err
	}
	last, err := p.lastRule(tx, left)
	if err != nil {
		return r, nil, err
	}
	if r, err = begin(tx, p.Run); err != nil {
		return r, nil, err
	}
	if r.SubjectID, err = p.change(tx, r.ID); err != nil {
		return r, nil, err
	}
	if (last != nil || p.undone != nil) && p.Leave == KeepRoles {
		if err := p.leaveByHand(tx, &r, left); err != nil {
			return r, nil, err
		}
	}
	r.limit(brakes, foreseen)
	if p.undone != nil {
		lose, raise := undoLimits(brakes, *p.undone, int(r.Known))
		r.MayLose, r.MayRaise = int64(lose), int64(raise)
	}
	if last != nil || p.undone != nil {
		r.Chosen = p.Leave
	}
	if r.Known > c.atOnce { // Advance goes on with it
		return r, nil, r.save(tx)
	}
	d, err := c.uncommitted(tx)
	if err != nil {
		return r, nil, err
	}
	if changes, err = d.run(tx, &r); err != nil {
		return r, nil, err
	}
	if err := d.Effect.keepLinks(tx.Actor); err != nil {
		return r, nil, err
	}
	if p.undone != nil {
		return r, changes, d.Effect.brakeUndo(brakes, *p.undone, p.Confirmed)
	}
	return r, changes, d.Effect.brake(brakes, p.Confirmed)
}

// limit says for how many people a run goes on without asking: as many as were
// foreseen and confirmed, or as the company lets pass.
func (r *Run) limit(b tenancy.Brakes, foreseen *Effect) {
	r.MayLose, r.MayRaise = max(r.MayLose, int64(mayLose(b, int(r.Known)))), max(r.MayRaise, int64(b.Raised))
	if foreseen != nil {
		r.MayLose, r.MayRaise = max(r.MayLose, int64(foreseen.Lose)), max(r.MayRaise, int64(foreseen.Raise))
	}
}

// placesLeft are the places where a connector of a publication was on and none is
// after it, from wide to narrow.
func placesLeft(tx *store.Tx, company string, shifts []shift) (left []Target, err error) {
	list, err := load(tx, company)
	if err != nil {
		return nil, err
	}
	served := map[Target]bool{}
	for _, c := range replace(connectorsOf(list), shifts) {
		served[c.Target] = served[c.Target] || c.State == On
	}
	for _, s := range shifts {
		if s.was.isOn() && !served[s.was.Target] && !slices.Contains(left, s.was.Target) {
			left = append(left, s.was.Target)
		}
	}
	slices.SortFunc(left, Target.compare)
	return left, nil
}

// lastRule asks what becomes of the roles that the last rules of some places
// gave. It gives nil where there are none.
func (p publication) lastRule(tx *store.Tx, left []Target) (*LastRule, error) {
	if p.Cause == PublicationUndone {
		return nil, nil
	}
	people, places := map[string]bool{}, []Target(nil)
	for _, at := range left {
		for _, s := range p.shifts {
			if !s.was.isOn() || s.was.Target != at {
				continue
			}
			var some []string
			if err := tx.Model(&tenancy.Grant{}).Scopes(given(s.was.ID, at)).Distinct("account_id").Pluck("account_id", &some).Error; err != nil {
				return nil, err
			}
			for _, id := range some {
				people[id] = true
			}
			if len(some) > 0 && !slices.Contains(places, at) {
				places = append(places, at)
			}
		}
	}
	if len(places) == 0 {
		return nil, nil
	}
	last := LastRule{Target: places[0], Others: places[1:], People: int64(len(people))}
	if p.Leave != KeepRoles && p.Leave != RevokeRoles {
		return nil, &last
	}
	return &last, nil
}

// leaveByHand turns the roles into roles by hand that the connectors of a
// publication gave at places where no other is left.
func (p publication) leaveByHand(tx *store.Tx, r *Run, left []Target) error {
	for _, s := range p.shifts {
		if !s.was.isOn() || !slices.Contains(left, s.was.Target) {
			continue
		}
		some, err := leaveByHand(tx, *r, *s.was)
		if err != nil {
			return err
		}
		r.LeftByHand += some
	}
	return nil
}

// leaveByHand turns the roles that a connector gave into roles by hand. Who has
// the same role by hand already keeps that.
func leaveByHand(tx *store.Tx, r Run, was Connector) (int64, error) {
	var already []string
	err := tx.Model(&tenancy.Grant{}).Where("source = ? AND organization_id = ? AND application_id = ? AND role_id = ?",
		tenancy.Manual, was.Target.Organization, was.Target.Application, was.Role).Pluck("account_id", &already).Error
	if err != nil {
		return 0, err
	}
	for part := range slices.Chunk(already, crowdSize) {
		if err := tx.Scopes(given(was.ID, was.Target)).Where("account_id IN ?", part).Delete(&tenancy.Grant{}).Error; err != nil {
			return 0, err
		}
	}
	done := tx.Model(&tenancy.Grant{}).Scopes(given(was.ID, was.Target)).
		Updates(map[string]any{"source": tenancy.Manual, "source_id": r.ID, "source_version": 0, "evidence": "", "granted_by": tx.Actor.Account})
	return done.RowsAffected, done.Error
}

// given keeps the roles that a connector gives at a place: a scope for gorm.
func given(connector string, at Target) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		return db.Where("source = ? AND source_id = ? AND organization_id = ? AND application_id = ?", tenancy.Rule, connector, at.Organization, at.Application)
	}
}

// Everybody evaluates everyone known by the rules as they are, without a change
// of any.
func (c *Connectors) Everybody(ctx context.Context, by models.Actor, how Publishing) (Published, error) {
	return c.publish(ctx, by, publication{Run: Run{Cause: ByHand, Reason: how.Reason}, Publishing: how, change: func(tx *store.Tx, run string) (string, error) {
		tx.Record(event.RunStarted, store.About{ID: run})
		return "", nil
	}})
}
