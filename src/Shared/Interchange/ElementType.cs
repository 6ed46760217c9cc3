namespace Lockstep.Shared.Interchange;

/// <summary>Types of the elements of arrays; all little-endian once read.</summary>
internal enum ElementType
{
    /// <summary>IEEE 754 binary16.</summary>
    Float16,

    /// <summary>The upper half of a binary32.</summary>
    BFloat16,

    /// <summary>IEEE 754 binary32.</summary>
    Float32,

    /// <summary>IEEE 754 binary64.</summary>
    Float64,

    /// <summary>A byte, 0 for false.</summary>
    Boolean,

    /// <summary>-128 to 127.</summary>
    Int8,

    /// <summary>0 to 255.</summary>
    UInt8,

    /// <summary>Signed, 16 bits.</summary>
    Int16,

    /// <summary>Unsigned, 16 bits.</summary>
    UInt16,

    /// <summary>Signed, 32 bits.</summary>
    Int32,

    /// <summary>Unsigned, 32 bits.</summary>
    UInt32,

    /// <summary>Signed, 64 bits.</summary>
    Int64,

    /// <summary>Unsigned, 64 bits.</summary>
    UInt64,

    /// <summary>Text of a fixed number of bytes, filled up with zeros.</summary>
    Utf8,

    /// <summary>Text of a fixed number of code points in four bytes each, filled up with zeros.</summary>
    Utf32,
}
