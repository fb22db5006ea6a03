def of(document, base):
    return {"document": document, "base": base}
