package api

import (
	"context"
	"net/http"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
)

// picked are the delegations that a machine wants changed, as it read them.
type picked struct {
	Delegations []struct {
		ID      string `json:"id"`
		Version int64  `json:"version"`
	} `json:"delegations"`
}

// chosen are they for the domain, each once.
func (in picked) chosen() (list []delegation.Chosen, err error) {
	wrong, seen := models.FieldErrors{}, map[string]bool{}
	for _, d := range in.Delegations {
		if seen[d.ID] {
			wrong.Add("delegations", "error.choice")
		}
		seen[d.ID] = true
		list = append(list, delegation.Chosen{ID: d.ID, Version: d.Version})
	}
	if len(list) == 0 {
		wrong.Add("delegations", "error.required")
	}
	return list, wrong.Err()
}

// ended is what a machine sends to give several delegations another end.
type ended struct {
	picked
	Period string `json:"period"`
	Date   string `json:"date"`
}

// What became of one of several delegations.
const (
	outcomeDone    = "done"
	outcomeWaiting = "waiting" // for another superuser
	outcomeRefused = "refused"
)

// result is what became of one of several delegations, as machines read it.
type result struct {
	ID      string  `json:"id"`
	Outcome string  `json:"outcome"`
	Detail  *string `json:"detail"` // why it was refused
}

// bulk changes several delegations, each by itself.
type bulk struct {
	records []string // as of a change
	do      func(ctx context.Context, by models.Actor, chosen []delegation.Chosen) ([]delegation.Result, error)
}

func (p *Pages) extendSeveral(r *web.Request) (web.Response, error) {
	var in ended
	return p.several(r, &in, &in.picked, bulk{extending.records, func(ctx context.Context, by models.Actor, chosen []delegation.Chosen) ([]delegation.Result, error) {
		return p.delegations.ExtendAll(ctx, by, chosen, delegation.Period(in.Period), in.Date)
	}})
}

func (p *Pages) shortenSeveral(r *web.Request) (web.Response, error) {
	var in ended
	return p.several(r, &in, &in.picked, bulk{[]string{event.DelegationAmended}, func(ctx context.Context, by models.Actor, chosen []delegation.Chosen) ([]delegation.Result, error) {
		return p.delegations.ShortenAll(ctx, by, chosen, delegation.Period(in.Period), in.Date)
	}})
}

// lessened is what a machine sends to take the same away from several delegations.
type lessened struct {
	picked
	Roles             []string `json:"roles"`
	Applications      []string `json:"applications"`
	LaterApplications bool     `json:"later_applications"`
}

func (p *Pages) narrowSeveral(r *web.Request) (web.Response, error) {
	var in lessened
	return p.several(r, &in, &in.picked, bulk{[]string{event.DelegationAmended}, func(ctx context.Context, by models.Actor, chosen []delegation.Chosen) ([]delegation.Result, error) {
		return p.delegations.NarrowAll(ctx, by, chosen, delegation.Narrowing{Roles: in.Roles, Applications: in.Applications, LaterApplications: in.LaterApplications})
	}})
}

func (p *Pages) revokeSeveral(r *web.Request) (web.Response, error) {
	var in picked
	return p.several(r, &in, &in, bulk{revoking.records, p.delegations.RevokeAll})
}

// several runs a change of several delegations. Asked again under the same key, it
// leaves those alone that were changed before, and tries the others again.
func (p *Pages) several(r *web.Request, in any, which *picked, what bulk) (web.Response, error) {
	by, err := p.acting(r, feed.WriteDelegations)
	if err != nil {
		return web.Response{}, err
	}
	body, err := bodyOf(r, in)
	if err != nil {
		return web.Response{}, err
	}
	key, err := keyOf(r)
	if err != nil {
		return web.Response{}, err
	}
	chosen, err := which.chosen()
	if err != nil {
		return web.Response{}, err
	}
	digest, err := p.feed.Digest(r.Method, r.URL.Path, string(body))
	if err != nil {
		return web.Response{}, err
	}
	ctx, before := r.Context(), map[string]bool{}
	if key != "" {
		if before, err = p.feed.AskedEach(ctx, by, key, digest); err != nil {
			return web.Response{}, err
		}
		ctx = feed.UnderEach(ctx, by, key, digest, what.records...)
	}
	var open []delegation.Chosen
	for _, c := range chosen {
		if !before[c.ID] {
			open = append(open, c)
		}
	}
	done, err := what.do(ctx, by, open)
	if err != nil {
		return web.Response{}, err
	}
	if key != "" { // the same may have been asked at the same time
		if before, err = p.feed.AskedEach(r.Context(), by, key, digest); err != nil {
			return web.Response{}, err
		}
	}
	rows, err := p.results(r, by, chosen, done, before)
	if err != nil {
		return web.Response{}, err
	}
	answer := web.JSON(http.StatusOK, struct {
		Data []result `json:"data"`
	}{rows})
	if len(open) == 0 {
		answer = answer.Header("Idempotency-Replayed", "true")
	}
	return answer, nil
}

// results says what became of each delegation that was asked for, in that order.
// before are those that the request's key was written down with.
func (p *Pages) results(r *web.Request, by models.Actor, chosen []delegation.Chosen, done []delegation.Result, before map[string]bool) (rows []result, err error) {
	now := map[string]delegation.Result{}
	for _, d := range done {
		now[d.ID] = d
	}
	for _, c := range chosen {
		one := result{ID: c.ID, Outcome: outcomeDone}
		d, tried := now[c.ID]
		switch {
		case tried && d.Failure == nil:
			if d.Waits {
				one.Outcome = outcomeWaiting
			}
		case before[c.ID]:
			if one.Outcome, err = p.became(r.Context(), by, c.ID); err != nil {
				return nil, err
			}
		default:
			one.Outcome, one.Detail = outcomeRefused, text(r.Locale.Say(*d.Failure))
		}
		rows = append(rows, one)
	}
	return rows, nil
}

// became says what a change came to that was made before.
func (p *Pages) became(ctx context.Context, by models.Actor, id string) (string, error) {
	d, err := p.delegations.Get(ctx, by, id)
	if err == nil && d.Waiting != nil {
		return outcomeWaiting, nil
	}
	return outcomeDone, err
}
