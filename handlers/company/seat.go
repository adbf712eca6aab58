package company

import (
	"strconv"
	"strings"

	"locum/handlers/web"
	"locum/models"
	views "locum/views/company"
	"locum/views/ui"
)

// seats is the operators' form of how many people may be active in a company.
func (p *Pages) seats(r *web.Request) (web.Response, error) {
	form, err := p.seatForm(r)
	if err != nil {
		return web.Response{}, err
	}
	if form.Seating.Number > 0 {
		form.Number = strconv.Itoa(form.Seating.Number)
	}
	return web.Page(views.SeatsPage(form)), nil
}

func (p *Pages) seatForm(r *web.Request) (form views.Seats, err error) {
	form.Company, form.Seating, err = p.Companies.SeatingOf(r.Context(), r.Actor, r.PathValue("company"))
	return form, err
}

// setSeats changes the number; an empty field is no limit.
func (p *Pages) setSeats(r *web.Request) (web.Response, error) {
	typed, number := strings.TrimSpace(r.FormValue("seats")), 0
	if typed != "" {
		var err error
		if number, err = strconv.Atoi(typed); err != nil || number == 0 {
			number = -1 // which no company can have
		}
	}
	err := p.Companies.SetSeats(r.Context(), r.Actor, r.PathValue("company"), number)
	if wrong, ok := web.Wrong(err); ok {
		return p.seatsWrong(r, typed, wrong)
	}
	if err != nil {
		return web.Response{}, err
	}
	form, err := p.seatForm(r)
	if err != nil {
		return web.Response{}, err
	}
	if over := form.Seating.Over(); over > 0 {
		return web.Redirect("/platform", "seat.saved.over", "Name", form.Company.Name, "Taken", form.Seating.Taken, "Number", form.Seating.Number, "Over", over).Tone(ui.Warn), nil
	}
	return web.Redirect("/platform", "seat.saved", "Name", form.Company.Name), nil
}

func (p *Pages) seatsWrong(r *web.Request, typed string, wrong models.FieldErrors) (web.Response, error) {
	form, err := p.seatForm(r)
	if err != nil {
		return web.Response{}, err
	}
	form.Number, form.Wrong = typed, wrong
	return web.Invalid(views.SeatsPage(form)), nil
}
