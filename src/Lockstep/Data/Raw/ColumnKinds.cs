namespace Lockstep.Data.Raw;

/// <summary>How the columns of tables are read, and which were seen.</summary>
/// <param name="kindOf">Kind of a column by its name.</param>
/// <param name="label">Name of the column of classes where pictures are in a column; null for the usual one.</param>
/// <param name="refuseUnknown">Refuses names of the user's that are among no columns: gets the path and the columns.</param>
internal sealed class ColumnKinds(
    Func<string, ColumnKind> kindOf, string? label, Action<string, IReadOnlyList<string>>? refuseUnknown = null)
{
    private readonly List<string> _seen = [];

    /// <summary>Name of the column of classes where pictures are in a column; null for the usual one.</summary>
    public string? Label => label;

    /// <summary>Whether arrays of labels hold numbers to predict.</summary>
    public bool HasTargets { get; init; }

    /// <summary>Columns that a model takes; null where there is none.</summary>
    public IReadOnlyList<string>? Wanted { get; init; }

    /// <summary>Kind of a column; called once for each column of a file, in order.</summary>
    public ColumnKind KindOf(string name, int position)
    {
        if (position == 0)
            _seen.Clear();
        _seen.Add(name);
        return kindOf(name);
    }

    /// <summary>Refuses names of the user's that the last file does not have.</summary>
    public void RefuseUnknown(string path) => refuseUnknown?.Invoke(path, _seen);
}
