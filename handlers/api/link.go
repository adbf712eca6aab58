package api

import (
	"net/http"
	"net/url"

	"locum/handlers/web"
	"locum/models"
	"locum/models/event"
	"locum/models/feed"
)

// link is the address at which people ask for a delegation, as machines read it.
// While it is off it has nothing else.
type link struct {
	On      bool            `json:"on"`
	Address *string         `json:"address"`
	MadeBy  *string         `json:"made_by"`
	MadeAt  *models.Instant `json:"made_at"`
}

func (p *Pages) link(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadDelegations)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := queryOf(r); err != nil {
		return web.Response{}, err
	}
	return p.changedLink(r, by, "")
}

// changedLink shows the link as it is.
func (p *Pages) changedLink(r *web.Request, by models.Actor, _ string) (web.Response, error) {
	now, err := p.on.Links.Current(r.Context(), by)
	if err != nil {
		return web.Response{}, err
	}
	answer := link{}
	if now != nil {
		answer = link{true, text(r.Absolute("/request/" + url.PathEscape(now.Token))), text(now.MadeByName), &now.CreatedAt}
	}
	return web.JSON(http.StatusOK, answer).Header("Cache-Control", "no-store"), nil
}

var (
	renewing  = change{feed.WriteDelegations, []string{event.RequestLinkMade}, (*Pages).changedLink}
	unlinking = change{feed.WriteDelegations, []string{event.RequestLinkRemoved}, (*Pages).changedLink}
)

// renewLink switches the link on, or gives it another address: the one before it is
// dead at once.
func (p *Pages) renewLink(r *web.Request) (web.Response, error) {
	return p.change(r, renewing, &struct{}{}, func(by models.Actor) (string, error) {
		return "", p.on.Links.Renew(r.Context(), by)
	})
}

// removeLink switches the link off. One that is off stays so.
func (p *Pages) removeLink(r *web.Request) (web.Response, error) {
	return p.change(r, unlinking, &struct{}{}, func(by models.Actor) (string, error) {
		return "", p.on.Links.Remove(r.Context(), by)
	})
}
