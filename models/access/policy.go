package access

import (
	"strings"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// visiting is what a host's wishes are held against: the session, the person in
// it, and the company where he is at home. Everything that asks whether a visit
// may begin or go on asks it here, in a System transaction.
type visiting struct {
	host    tenancy.Hosting
	session account.Session
	person  account.Person
	company string
}

// throughout lists what is missing for a visit to go on, but for the network: it
// is another one from request to request, and Actor.From asks for it.
func (v visiting) throughout(tx *store.Tx) (needs []models.Need, err error) {
	if v.host.SecondFactor && v.session.SecondFactor == "" {
		needs = append(needs, models.NeedSecondFactor)
	}
	if oldest := time.Duration(v.host.SignInMinutes) * time.Minute; oldest > 0 && tx.Now().Sub(v.session.AuthTime.Time) > oldest {
		needs = append(needs, models.NeedFreshSignIn)
	}
	if v.host.OwnSignOn {
		own, err := v.ownSignOn(tx)
		if err != nil {
			return nil, err
		}
		if !own {
			needs = append(needs, models.NeedOwnSignOn)
		}
	}
	return needs, nil
}

// atTheDoor lists what is missing for a visit to begin, from an address.
func (v visiting) atTheDoor(tx *store.Tx, address string) ([]models.Need, error) {
	needs, err := v.throughout(tx)
	if err != nil {
		return nil, err
	}
	if !models.Comes(address, v.host.Prefixes()) {
		needs = append(needs, models.NeedNetwork)
	}
	if v.host.MailNeeded {
		down, err := mail.Down(tx)
		if err != nil {
			return nil, err
		}
		if down {
			needs = append(needs, models.NeedMail)
		}
	}
	return needs, nil
}

// ownSignOn says whether the session was opened through a connection of the
// person's own company, which has verified the domain of his address.
func (v visiting) ownSignOn(tx *store.Tx) (bool, error) {
	if v.session.ConnectionID == "" || v.company == "" {
		return false, nil
	}
	// The table is that of models/federation, which comes after this package.
	var connections int64
	if err := tx.Table("connections").Where("company_id = ? AND id = ? AND enabled = ?", v.company, v.session.ConnectionID, true).Count(&connections).Error; err != nil || connections == 0 {
		return false, err
	}
	_, domain, _ := strings.Cut(v.person.Normal, "@")
	var domains int64
	err := tx.Model(&tenancy.Domain{}).Where("company_id = ? AND name = ? AND verified_at IS NOT NULL", v.company, domain).Count(&domains).Error
	return domains > 0, err
}

// refuseAtTheDoor refuses a visit for which something is missing that the host
// asks. row is the session that would make it.
func refuseAtTheDoor(tx *store.Tx, row account.Session, at tenancy.Standing, real models.Party) error {
	person, err := account.Load(tx, row.AccountID)
	if err != nil {
		return err
	}
	needs, err := visiting{at.Hosting, row, person, real.Company}.atTheDoor(tx, tx.Actor.Address)
	if err == nil && len(needs) > 0 {
		err = models.Held(at.Label(), needs)
	}
	return err
}
