from shared.site.tables.bundle import Site


def test_a_copy_with_another_table_forgets_what_was_looked_up_in_the_old_one(indre: Site) -> None:
    assert "sidpc" in indre.service
    fewer = tuple(service for service in indre.services.services if service.id != "sidpc")
    services = indre.services.model_copy(update={"services": fewer})
    copy = indre.model_copy(update={"services": services})
    assert "sidpc" not in copy.service
    assert copy.service_now("sidpc") is None


def test_a_site_is_stored_and_read_back_equal(indre: Site) -> None:
    assert Site.model_validate_json(indre.model_dump_json()) == indre


def test_a_former_service_is_found_under_its_heir(indre: Site) -> None:
    kept = tuple(
        service.model_copy(update={"replaces": ("sidpc",)}) if service.id == "cabinet" else service
        for service in indre.services.services
        if service.id != "sidpc"
    )
    services = indre.services.model_copy(update={"services": kept})
    heir = indre.model_copy(update={"services": services}).service_now("sidpc")
    assert heir is not None
    assert heir.id == "cabinet"
