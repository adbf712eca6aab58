package tenancy

import (
	"context"

	"locum/models"
	"locum/models/store"
)

// Policy is what a company chose for all its connectors together.
type Policy struct {
	Ownership string // Authoritative or Additive
	NoMatch   string // what no matching connector gives at the company level
	Brakes    Brakes `gorm:"embedded;embeddedPrefix:brake_"`
}

// Who owns roles where provisioning is on: with Authoritative a role given by
// hand goes too at the next evaluation; with Additive only what rules gave.
const (
	Authoritative = "authoritative"
	Additive      = "additive"
)

// What a sign-in that no connector matches gets at the company level.
const (
	NoMatchNone    = "none"
	NoMatchDefault = "default"
	NoMatchKeep    = "keep"
	NoMatchRefuse  = "refuse"
)

// Brakes are how much one change of a company's rules may do without asking.
type Brakes struct {
	Percent int // of the people known, who may lose a role; 100 for no brake
	People  int // who may lose a role
	Raised  int // people who may gain a role in the company, other than its default one, or become superuser
}

// maxBrake is the most people that a brake can name.
const maxBrake = 1_000_000

// StandardPolicy is that of a new company.
var StandardPolicy = Policy{Ownership: Authoritative, NoMatch: NoMatchDefault, Brakes: Brakes{Percent: 10, People: 25, Raised: 5}}

// Check says what is wrong with a policy, by field.
func (p Policy) Check() error {
	wrong := models.FieldErrors{}
	if p.Ownership != Authoritative && p.Ownership != Additive {
		wrong.Add("ownership", "error.choice")
	}
	if p.NoMatch != NoMatchNone && p.NoMatch != NoMatchDefault && p.NoMatch != NoMatchKeep && p.NoMatch != NoMatchRefuse {
		wrong.Add("no_match", "error.choice")
	}
	between := func(field string, n, most int) {
		if n < 0 || n > most {
			wrong.Add(field, "policy.error.between", "Most", most)
		}
	}
	between("brake_percent", p.Brakes.Percent, 100)
	between("brake_people", p.Brakes.People, maxBrake)
	between("brake_raised", p.Brakes.Raised, maxBrake)
	return wrong.Err()
}

// Policy reads the actor's company with its policy, for who writes connectors
// without a role that shows the rest of the company.
func (c *Companies) Policy(ctx context.Context, by models.Actor) (own Company, err error) {
	err = c.store.Read(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		return tx.Where("id = ?", tx.Actor.Effective.Company).Take(&own).Error
	})
	return own, err
}

// SetPolicy changes the policy of the actor's company. Whoever is known there
// gets what it gives at his next evaluation.
func (c *Companies) SetPolicy(ctx context.Context, by models.Actor, p Policy) error {
	if err := p.Check(); err != nil {
		return err
	}
	return c.store.Write(ctx, by, models.ManageConnectors, func(tx *store.Tx) error {
		if tx.Actor.ByLink() { // it decides about roles that no link may touch
			return models.Fail(models.Forbidden, "error.forbidden", "Permission", string(models.ManageCompany))
		}
		return SetPolicy(tx, p)
	})
}

// SetPolicy changes the policy of the company to which the transaction is
// confined. A sign-in goes by the old or by the new one, and by no mixture.
func SetPolicy(tx *store.Tx, p Policy) error {
	if err := tx.LockCompany(tx.Actor.Effective.Company, false); err != nil {
		return err
	}
	return changeCompany(tx, tx.Actor.Effective.CompanyName, map[string]any{"ownership": p.Ownership, "no_match": p.NoMatch,
		"brake_percent": p.Brakes.Percent, "brake_people": p.Brakes.People, "brake_raised": p.Brakes.Raised})
}
