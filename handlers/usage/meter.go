package usage

import (
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/usage"
	"locum/views/ui"
	views "locum/views/usage"
)

func (d desk) meters(r *web.Request) (web.Response, error) {
	list, err := d.usage.Meters(r.Context(), r.Actor, d.scope)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.MetersPage(views.Meters{Scope: d.scope, List: list, Today: today(r)})), nil
}

func today(r *web.Request) string { return r.Now.In(r.Locale.Location()).Format(time.DateOnly) }

func (d desk) meterForm(r *web.Request) (web.Response, error) {
	return d.newMeter(r, usage.MeterDraft{}, nil)
}

func (d desk) newMeter(r *web.Request, in usage.MeterDraft, wrong models.FieldErrors) (web.Response, error) {
	apps, err := d.usage.Applications(r.Context(), r.Actor, d.scope)
	if err != nil {
		return web.Response{}, err
	}
	f := views.MeterForm{Scope: d.scope, MeterDraft: in, Wrong: wrong}
	for _, a := range apps {
		f.Options = append(f.Options, ui.Option{Value: a.ID, Label: a.Name})
	}
	if wrong != nil {
		return web.Invalid(views.NewMeter(f)), nil
	}
	return web.Page(views.NewMeter(f)), nil
}

func (d desk) makeMeter(r *web.Request) (web.Response, error) {
	in := usage.MeterDraft{Application: r.FormValue("application"), Key: r.FormValue("key"), Name: r.FormValue("name"), Unit: r.FormValue("unit")}
	made, err := d.usage.NewMeter(r.Context(), r.Actor, d.scope, in)
	if wrong, ok := web.Wrong(err); ok {
		return d.newMeter(r, in, wrong)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(views.MetersPath(d.scope), "usage.meter.made", "Name", made.Name), nil
}

func (d desk) priceForm(r *web.Request) (web.Response, error) {
	return d.newPrice(r, usage.PriceDraft{Currency: "EUR", From: r.Now.In(r.Locale.Location()).AddDate(0, 0, 1).Format(time.DateOnly)}, nil)
}

func (d desk) newPrice(r *web.Request, in usage.PriceDraft, wrong models.FieldErrors) (web.Response, error) {
	list, err := d.usage.Meters(r.Context(), r.Actor, d.scope)
	if err != nil {
		return web.Response{}, err
	}
	for _, m := range list {
		if m.ID != r.PathValue("meter") {
			continue
		}
		page := views.NewPrice(views.PriceForm{Scope: d.scope, Meter: m, PriceDraft: in, Wrong: wrong})
		if wrong != nil {
			return web.Invalid(page), nil
		}
		return web.Page(page), nil
	}
	return web.Response{}, models.Unknown()
}

func (d desk) setPrice(r *web.Request) (web.Response, error) {
	in := usage.PriceDraft{Amount: r.FormValue("amount"), Currency: r.FormValue("currency"), From: r.FormValue("from")}
	_, err := d.usage.SetPrice(r.Context(), r.Actor, d.scope, r.PathValue("meter"), in)
	if wrong, ok := web.Wrong(err); ok {
		return d.newPrice(r, in, wrong)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(views.MetersPath(d.scope), "usage.price.was_set"), nil
}

func (d desk) withdrawPrice(r *web.Request) (web.Response, error) {
	m, err := d.usage.WithdrawPrice(r.Context(), r.Actor, d.scope, r.PathValue("price"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(views.MetersPath(d.scope), "usage.price.withdrawn", "Name", m.Name), nil
}
