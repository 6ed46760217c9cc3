using Lockstep.Data.Raw;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Wording;

namespace Lockstep.Data.Preparing;

/// <summary>Tells pictures and tables apart where a model knows only one of them.</summary>
internal static class ExamplesKind
{
    private const int MostNamed = 20;

    /// <summary>Refuses pictures for a model of tables, and tables without the pixels that a model of pictures takes.</summary>
    /// <param name="raw">What was read.</param>
    /// <param name="preparation">That of the model; null takes everything.</param>
    /// <exception cref="DatasetException">They are of the other kind; the message says what the model takes.</exception>
    public static void RefuseOther(RawExamples raw, Preparation? preparation)
    {
        switch (preparation?.Inputs, raw)
        {
            case (TableSpec spec, RawImages):
                throw new DatasetException(
                    $"'{raw.Source}' holds images, but the model was trained on rows of a table with "
                    + $"{string.Join(", ", spec.Columns.Take(MostNamed).Select(column => ForeignText.Quote(column.Name)))}"
                    + $"{(spec.Columns.Count > MostNamed ? ", ..." : "")}. Give it a table with these columns.");
            case (ImageSpec spec, RawTable table):
                int columns = table.Columns.Count(column => column.Name != preparation.Label), pixels = (int)spec.Shape.Count;
                if (columns != pixels)
                    throw new DatasetException(
                        $"'{raw.Source}' is a table of {Format.Plural(columns, "column")}, but the model was trained on images of "
                        + $"{spec.Height} x {spec.Width} x {spec.Channels}. Give it pictures, or a table with their "
                        + $"{Format.Count(pixels)} values.");
                break;
        }
    }
}
