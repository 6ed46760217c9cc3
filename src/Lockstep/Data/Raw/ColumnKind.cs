namespace Lockstep.Data.Raw;

/// <summary>How a column of a table is read.</summary>
internal enum ColumnKind
{
    /// <summary>As numbers where its first rows are numbers or missing, otherwise as texts.</summary>
    Automatic,

    /// <summary>As numbers; anything else is refused.</summary>
    Numbers,

    /// <summary>As texts, even where they are numbers.</summary>
    Texts,

    /// <summary>Not at all.</summary>
    Ignored,
}
