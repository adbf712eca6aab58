package directory

import (
	"context"
	"time"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// State is how a directory stands, in one word.
type State string

// The states, of which the first that is so counts: somebody paused it; removals
// wait for a manager; no request ever came; none came for as long as the company
// says; it keeps up.
const (
	IsPaused State = "paused"
	IsHeld   State = "held"
	Unheard  State = "unheard"
	IsSilent State = "silent"
	InSync   State = "in_sync"
)

// States lists the states.
var States = []State{IsPaused, IsHeld, Unheard, IsSilent, InSync}

// Standing is a directory with how it stands.
type Standing struct {
	Directory
	State  State
	Staged int64   // how many people's removal waits for a manager
	Ending []Token // live tokens that end soon
}

// SilentFor is since when a directory that was heard has been silent.
func (s Standing) SilentFor(now time.Time) time.Duration {
	if s.LastRequestAt == nil {
		return 0
	}
	return now.Sub(s.LastRequestAt.Time)
}

// Standings lists the directories of the actor's company, the oldest first, with
// how each stands.
func (d *Directories) Standings(ctx context.Context, by models.Actor) (list []Standing, err error) {
	err = d.store.Read(ctx, by, models.ManageDirectory, func(tx *store.Tx) error {
		var all []Directory
		if err := tx.Where("removed_at IS NULL").Order("created_at, id").Find(&all).Error; err != nil {
			return err
		}
		for _, one := range all {
			s, err := standing(tx, one)
			if err != nil {
				return err
			}
			list = append(list, s)
		}
		return nil
	})
	return list, err
}

func standing(tx *store.Tx, one Directory) (s Standing, err error) {
	s = Standing{Directory: one, State: InSync}
	if err := tx.Model(&User{}).Where("directory_id = ? AND removal = ?", one.ID, Staged).Count(&s.Staged).Error; err != nil {
		return s, err
	}
	var tokens []Token
	if err := tx.Where("directory_id = ? AND revoked_at IS NULL", one.ID).Order("expires_at, id").Find(&tokens).Error; err != nil {
		return s, err
	}
	for _, t := range tokens {
		if t.ExpiresSoon(tx.Now()) {
			s.Ending = append(s.Ending, t)
		}
	}
	var company tenancy.Company
	if err := tx.Select("silent_hours").Where("id = ?", one.CompanyID).Take(&company).Error; err != nil {
		return s, err
	}
	limit := time.Duration(company.SilentHours) * time.Hour
	switch {
	case one.PausedAt != nil:
		s.State = IsPaused
	case one.HeldAt != nil:
		s.State = IsHeld
	case one.LastRequestAt == nil:
		s.State = Unheard
	case limit > 0 && s.SilentFor(tx.Now()) > limit:
		s.State = IsSilent
	}
	return s, nil
}
