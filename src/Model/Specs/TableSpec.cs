namespace Lockstep.Model.Specs;

/// <summary>A row of a table: its columns one after the other.</summary>
/// <param name="Columns">The columns, in the order of the table in which they were first seen; without the label and ignored ones.</param>
/// <param name="FillsMissing">Whether a missing value is allowed; it becomes zero: the mean of a number, no category of a text.</param>
public sealed record TableSpec(IReadOnlyList<ColumnSpec> Columns, bool FillsMissing) : InputSpec
{
    /// <summary>[inputs]: one a number, and one a category of a text.</summary>
    public override TensorShape Shape => new(Columns.Sum(column => column.Inputs));
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
public abstract record ColumnSpec(string Name)
{
    /// <summary>Inputs that it becomes.</summary>
    public abstract int Inputs { get; }
}

/// <summary>A column of numbers: <c>(x - mean) / deviation</c> in double precision, rounded to single.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mean">Mean of the training examples, without missing ones; 0 without standardisation.</param>
/// <param name="Deviation">Standard deviation of the training examples, above 0; 1 without standardisation or where all are equal.</param>
public sealed record NumberColumn(string Name, double Mean, double Deviation) : ColumnSpec(Name)
{
    /// <summary>One.</summary>
    public override int Inputs => 1;
}

/// <summary>A column of texts: one input a category, 1 for the category of the row and 0 for the others.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Categories">The different texts of the training examples, in ordinal order.</param>
public sealed record CategoryColumn(string Name, IReadOnlyList<string> Categories) : ColumnSpec(Name)
{
    /// <summary>Number of categories.</summary>
    public override int Inputs => Categories.Count;
}
