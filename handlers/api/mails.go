package api

import (
	"net/http"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/tenancy"
)

// byDefault is, for machines, no choice of one's own.
const byDefault tenancy.Notify = "default"

// mails are how the superusers hear of a delegation by mail, and what the token's
// maker chose himself.
type mails struct {
	Mode      tenancy.Notify  `json:"mode"`
	Fallback  tenancy.Notify  `json:"fallback"`
	Effective *tenancy.Notify `json:"effective"`
	Until     *models.Instant `json:"muted_until"`
	MayMute   bool            `json:"may_mute"`
	Watchers  []watcher       `json:"watchers"`
}

// watcher is one superuser of the organization.
type watcher struct {
	Account string         `json:"account_id"`
	Person  string         `json:"person"`
	Mode    tenancy.Notify `json:"mode"`
}

func (p *Pages) mails(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadDelegations)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := queryOf(r); err != nil {
		return web.Response{}, err
	}
	return p.changedMails(r, by, r.PathValue("id"))
}

// changedMails shows how one delegation is heard of.
func (p *Pages) changedMails(r *web.Request, by models.Actor, id string) (web.Response, error) {
	h, err := p.delegations.Hearing(r.Context(), by, id)
	if err != nil {
		return web.Response{}, err
	}
	answer := mails{Mode: byDefault, Fallback: h.Fallback, MayMute: h.MayMute, Watchers: []watcher{}}
	if h.Mine != nil {
		answer.Effective = &h.Mine.Mode
		if h.Mine.Own {
			answer.Mode = h.Mine.Watch.Mode
		}
		if h.Mine.Mode == tenancy.Muted {
			answer.Until = h.Mine.Watch.MutedUntil
		}
	}
	for _, w := range h.Watchers {
		answer.Watchers = append(answer.Watchers, watcher{w.Person.ID, w.Person.Name, w.Mode})
	}
	return web.JSON(http.StatusOK, answer), nil
}

// mode reads a choice; none is the domain's empty one.
func mode(text tenancy.Notify) (tenancy.Notify, error) {
	switch text {
	case byDefault:
		return "", nil
	case "":
		wrong := models.FieldErrors{}
		wrong.Add("mode", "error.required")
		return "", wrong.Err()
	}
	return text, nil
}

var (
	watching   = change{feed.WriteDelegations, []string{event.DelegationWatchChanged}, (*Pages).changedMails}
	preferring = change{feed.WriteDelegations, []string{event.WatchDefaultChanged}, (*Pages).changedMailDefault}
)

// setMails chooses how the token's maker hears of one delegation.
func (p *Pages) setMails(r *web.Request) (web.Response, error) {
	var in struct {
		Mode tenancy.Notify `json:"mode"`
		Days int            `json:"days"`
	}
	return p.change(r, watching, &in, func(by models.Actor) (string, error) {
		chosen, err := mode(in.Mode)
		if err != nil {
			return "", err
		}
		id := r.PathValue("id")
		return id, p.delegations.Watch(r.Context(), by, id, delegation.Watch{Mode: chosen, Days: in.Days})
	})
}

// preference is how the token's maker hears of delegations for which he chose
// nothing.
type preference struct {
	Mode         tenancy.Notify `json:"mode"`
	Organization tenancy.Notify `json:"organization"`
}

func (p *Pages) mailDefault(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadDelegations)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := queryOf(r); err != nil {
		return web.Response{}, err
	}
	return p.changedMailDefault(r, by, "")
}

// changedMailDefault shows his default as it is.
func (p *Pages) changedMailDefault(r *web.Request, by models.Actor, _ string) (web.Response, error) {
	own, organization, err := p.delegations.WatchDefault(r.Context(), by)
	if err != nil {
		return web.Response{}, err
	}
	if own == "" {
		own = byDefault
	}
	return web.JSON(http.StatusOK, preference{own, organization}), nil
}

// setMailDefault chooses it.
func (p *Pages) setMailDefault(r *web.Request) (web.Response, error) {
	var in struct {
		Mode tenancy.Notify `json:"mode"`
	}
	return p.change(r, preferring, &in, func(by models.Actor) (string, error) {
		chosen, err := mode(in.Mode)
		if err != nil {
			return "", err
		}
		return by.Account, p.delegations.SetWatchDefault(r.Context(), by, chosen)
	})
}
