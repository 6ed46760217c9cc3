namespace Lockstep.Data;

/// <summary>How the user's own files become a data set. What is null is found out from the files.</summary>
public sealed record PreparationOptions
{
    /// <summary>
    /// Column of a table that holds the class: its name, or its position from 1 on, or from the end with -1 for the last. Null takes the
    /// column that is called label, class, target or y, without <see cref="Target"/>.
    /// </summary>
    public string? Label { get; init; }

    /// <summary>
    /// Columns of a table that hold numbers to predict, instead of a class: names or positions, separated by commas; or <c>y</c> for arrays
    /// whose targets are in <c>y</c>. Null, the default, takes classes.
    /// </summary>
    public string? Target { get; init; }

    /// <summary>Columns of numbers that are categories, such as postal codes: names, separated by commas.</summary>
    public string Categorical { get; init; } = "";

    /// <summary>Columns that are left out: names, separated by commas.</summary>
    public string Ignore { get; init; } = "";

    /// <summary>
    /// Whether missing values are allowed: a missing number then counts as the mean of its column, a missing text as none of the
    /// categories. Default true.
    /// </summary>
    public bool FillsMissing { get; init; } = true;

    /// <summary>Whether numbers are scaled to mean 0 and standard deviation 1. Default true.</summary>
    public bool Standardizes { get; init; } = true;

    /// <summary>
    /// Size to which pictures are resized; also says that the columns of a table are the pixels of images. Null takes the size that all
    /// pictures have, and refuses pictures of different sizes.
    /// </summary>
    public ImageSize? ImageSize { get; init; }

    /// <summary>
    /// Examples for validation: a share, or a file or folder. Null takes the part for validation where there is one, otherwise a tenth.
    /// </summary>
    public HeldOut? Validation { get; init; }

    /// <summary>Examples for the test: a share, or a file or folder. Null takes the part for the test where there is one, otherwise a
    /// tenth.</summary>
    public HeldOut? Test { get; init; }

    /// <summary>Key of the permutation that chooses which examples are held out. Default 1.</summary>
    public ulong SplitKey { get; init; } = 1;

    /// <summary>Name for people; null is that of the file or folder.</summary>
    public string? Name { get; init; }
}
