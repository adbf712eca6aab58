package company_test

import (
	"net/http"
	"testing"

	"locum/models/tenancy"
)

func TestOperatorsSetTheSeatsOfACompany(t *testing.T) {
	h := newHub(t)
	operator(h, "karin")
	karin, form := h.As("karin"), "/platform/companies/"+h.Production.Company+"/seats"
	karin.Get("/platform").Says("Seats", "No limit")
	karin.Get(form).Says("Seats of De Vries Logistiek")
	for _, wrong := range []string{"0", "-3", "ten", "99999999"} {
		answer := karin.Post(form, "seats", wrong)
		answer.Wants(http.StatusUnprocessableEntity)
		answer.Says("Enter a whole number")
	}
	karin.Post(form, "seats", " 3 ").GoesTo("/platform")
	h.Join("els", "Els de Boer", "els@devries.example", h.Production, tenancy.Member)
	karin.Get(form).Says("3 of 3 seats taken, 1 person waits")
	karin.Get("/platform").Says("3 of 3 taken")
	karin.Post(form, "seats", "1").GoesTo("/platform")
	karin.Get("/platform").Says("3 of 1 taken. Nobody loses a seat; 2 must leave before anybody new comes in.")
	karin.Get(form).Says("Nobody loses a seat; 2 must leave before anybody new comes in.")
	karin.Post(form, "seats", "").GoesTo("/platform")
	karin.Get("/platform").Says("No limit")
	h.As("marieke").Get(form).Wants(http.StatusForbidden)
	h.As("marieke").Post(form, "seats", "9").Wants(http.StatusForbidden)
	karin.Get("/platform/companies/com_none/seats").Wants(http.StatusNotFound)
	karin.Post("/platform/companies/com_none/seats", "seats", "3").Wants(http.StatusNotFound)
}

func TestPeopleShowWhoWaitsForASeat(t *testing.T) {
	h := newHub(t)
	operator(h, "karin")
	marieke := h.As("marieke")
	marieke.Get("/company/people").Hides("seats taken", "Waiting for a seat")
	h.As("karin").Post("/platform/companies/"+h.Production.Company+"/seats", "seats", "3").GoesTo("/platform")
	marieke.Get("/company/people").Says("3 of 3 seats taken.")
	els := h.Join("els", "Els de Boer", "els@devries.example", h.Production, tenancy.Member)
	marieke.Get("/company/people").Says("3 of 3 seats taken, 1 person waits.", "Els de Boer Waits for a seat", "Waiting for a seat 1")
	waiting := marieke.Get("/company/people?kind=waiting")
	waiting.Says("Els de Boer")
	waiting.Hides("Anna Visser")
	marieke.Get("/company/people/"+els.ID).Says("Waits for a seat since", "No role counts until then")
}
