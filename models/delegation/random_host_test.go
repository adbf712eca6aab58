package delegation_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/notice"
	"locum/models/store"
	"locum/models/tenancy"
)

// openFor gives the delegation of a host for an address that is not over.
func (c *crowd) openFor(boss models.Actor, email string) (delegation.Details, bool) {
	list, err := c.Delegations.List(c.Ctx, boss)
	c.note("list", err)
	for _, d := range list {
		if d.Email == email && !d.Over(c.Now()) {
			return d, true
		}
	}
	return delegation.Details{}, false
}

// decideProposal approves, rejects or withdraws what is proposed.
func (c *crowd) decideProposal(boss models.Actor, email string, chance *rand.Rand) {
	d, there := c.openFor(boss, email)
	if !there || !d.Undecided {
		return
	}
	d, err := c.Delegations.Get(c.Ctx, boss, d.ID)
	if c.note("list", err); err != nil || d.Waiting == nil {
		return
	}
	id, proposal := d.ID, d.Waiting.ID
	switch n := chance.IntN(6); {
	case n == 0:
		c.note("withdraw", c.Delegations.Withdraw(c.Ctx, boss, id, proposal))
	case n == 1:
		c.note("reject", c.Delegations.Reject(c.Ctx, boss, id, proposal, ""))
	default:
		c.note("approve", c.Delegations.Approve(c.Ctx, boss, id, proposal, ""))
	}
}

// amend makes a delegation longer or shorter, or gives it another reason.
func (c *crowd) amend(boss models.Actor, email string, chance *rand.Rand) {
	if d, there := c.openFor(boss, email); there {
		period := []delegation.Period{delegation.FourHours, delegation.Day, delegation.Keep}[chance.IntN(3)]
		_, err := c.Delegations.Amend(c.Ctx, boss, d.ID, d.Version, delegation.Proposal{Period: period, Reason: fmt.Sprint("Reason ", chance.IntN(3))})
		c.note("amend", err)
	}
}

// askMore has a consultant ask for more time, or a superuser say no.
func (c *crowd) askMore(by, boss models.Actor, chance *rand.Rand) {
	d, there := c.openFor(boss, by.Email)
	switch {
	case !there:
	case d.MoreAskedAt == nil:
		c.note("ask more", c.Delegations.AskMore(c.Ctx, by, d.ID, delegation.More{Period: delegation.Day, Reason: "Not ready"}))
	case chance.IntN(2) == 0:
		c.note("refuse more", c.Delegations.RefuseMore(c.Ctx, boss, d.ID, d.Version, ""))
	}
}

// endVisit ends one visit, and leaves the delegation.
func (c *crowd) endVisit(boss models.Actor) {
	here, err := c.Delegations.Visitors(c.Ctx, boss)
	c.note("list", err)
	if len(here) > 0 {
		_, err := c.Delegations.EndVisit(c.Ctx, boss, here[0].ID)
		c.note("end a visit", err)
	}
}

// watch chooses how a superuser hears of a delegation.
func (c *crowd) watch(boss models.Actor, who string, chance *rand.Rand) {
	list, err := c.Delegations.List(c.Ctx, boss)
	c.note("list", err)
	for _, d := range list {
		if d.AccountID == c.ID(who) && !d.Over(c.Now()) {
			modes := []tenancy.Notify{"", tenancy.AtOnce, tenancy.PerVisit, tenancy.Digest, tenancy.Muted, tenancy.Muted}
			c.note("watch", c.Delegations.Watch(c.Ctx, boss, d.ID, delegation.Watch{Mode: modes[chance.IntN(len(modes))], Days: 1}))
			return
		}
	}
}

// floorHolds says of which delegation nobody hears in time, if there is one.
func (c *crowd) floorHolds() error {
	return c.Store.SystemRead(c.Ctx, "a test looks who hears", func(tx *store.Tx) error {
		var open []delegation.Delegation
		if err := tx.Where("revoked_at IS NULL AND declined_at IS NULL").Find(&open).Error; err != nil {
			return err
		}
		for _, d := range open {
			_, guarded, err := notice.Hearing(tx, d.CompanyID, d.OrganizationID, d.ID, d.EndsAt == nil)
			if err == nil && !guarded && !d.Over(tx.Now()) {
				err = fmt.Errorf("nobody hears of %s at %s", d.ID, tx.Now().Format(time.TimeOnly))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
