namespace Lockstep.Data.Raw.Tables;

/// <summary>What a field of a table is.</summary>
internal enum FieldKind
{
    /// <summary>Nothing, or a word for it such as <c>NA</c>.</summary>
    Missing,

    /// <summary>A finite number.</summary>
    Number,

    /// <summary>Infinity, or a number beyond double precision.</summary>
    NotFinite,

    /// <summary>Anything else.</summary>
    Text,
}
