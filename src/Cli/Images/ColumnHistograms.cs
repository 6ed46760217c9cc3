using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Lockstep.Cli.Images;

/// <summary>A picture of the columns of a table: what values each has, by class.</summary>
internal static class ColumnHistograms
{
    private const int MostColumns = 40, MostClasses = 8, MostCategories = 12, Bins = 40;

    /// <summary>Writes it as a PNG file; the file appears whole or not at all.</summary>
    /// <param name="data">The data set: its preparation has the columns and the names of the classes.</param>
    /// <param name="rows">The prepared rows to show.</param>
    /// <param name="path">Where to; a file that is there is replaced.</param>
    /// <exception cref="RequestException">It could not be written, or the columns are not known.</exception>
    public static void Write(Dataset data, FeatureSet rows, string path)
    {
        if (data.Preparation?.Inputs is not TableSpec table)
            throw new RequestException($"The data set {data.Name} does not tell what its columns are, so there is nothing to draw.");
        PlotFont.Use();
        var plots = new List<Plot>();
        int input = 0;
        foreach (ColumnSpec column in table.Columns.Take(MostColumns))
        {
            plots.Add(column is NumberColumn number ? OfNumbers(data, rows, number, input)
                : OfTexts(data, rows, (CategoryColumn)column, input));
            input += column.Inputs;
        }

        WholeFile.Write(path, PlotGrid.Draw(plots), "histograms");
    }

    // In the units of the file, not as they were scaled. Missing values are at the mean.
    private static Plot OfNumbers(Dataset data, FeatureSet rows, NumberColumn column, int input)
    {
        double[] values = new double[rows.Count];
        for (int row = 0; row < values.Length; row++)
            values[row] = rows.Values[row * rows.Features + input] * column.Deviation + column.Mean;
        double least = values.Min(), width = Math.Max((values.Max() - least) / Bins, double.Epsilon);
        int[,] counts = Count(data, rows, Bins, row => Math.Min(Bins - 1, (int)((values[row] - least) / width)));
        return Stacked(data, column.Name, counts, bin => least + (bin + 0.5) * width, width);
    }

    private static Plot OfTexts(Dataset data, FeatureSet rows, CategoryColumn column, int input)
    {
        int categories = Math.Min(column.Inputs, MostCategories);
        int[,] counts = Count(data, rows, categories, row =>
        {
            int category = rows.Values.Slice(row * rows.Features + input, column.Inputs).IndexOf(1f);
            return category < categories ? category : -1;
        });
        Plot plot = Stacked(data, column.Name, counts, category => category, 0.8);
        plot.Axes.Bottom.TickGenerator = new NumericManual(
            [.. Enumerable.Range(0, categories).Select(category => (double)category)],
            [.. column.Categories.Take(categories).Select(Shortened)]);
        return plot;
    }

    private static int[,] Count(Dataset data, FeatureSet rows, int bins, Func<int, int> binOf)
    {
        int[,] counts = new int[bins, Math.Clamp(data.Classes, 1, MostClasses)];
        for (int row = 0; row < rows.Count; row++)
        {
            int bin = binOf(row), label = rows.Labels[row];
            if (bin >= 0 && label < counts.GetLength(1))
                counts[bin, label]++;
        }

        return counts;
    }

    /// <summary>Bars of the classes, one on top of the other.</summary>
    private static Plot Stacked(Dataset data, string name, int[,] counts, Func<int, double> position, double width)
    {
        var plot = new Plot();
        var palette = new ScottPlot.Palettes.Category10();
        DataSpec spec = data.ToSpec();
        double[] below = new double[counts.GetLength(0)];
        for (int label = 0; label < counts.GetLength(1); label++)
        {
            var bars = new Bar[below.Length];
            for (int bin = 0; bin < bars.Length; bin++)
            {
                double top = below[bin] + counts[bin, label];
                bars[bin] = new Bar
                {
                    Position = position(bin),
                    ValueBase = below[bin],
                    Value = top,
                    Size = width,
                    FillColor = palette.GetColor(label),
                    LineWidth = 0,
                };
                below[bin] = top;
            }

            plot.Add.Bars(bars).LegendText = data.Classes == 0 ? "" : Shortened(spec.ClassName(label));
        }

        plot.Axes.Margins(bottom: 0, top: 0.45);
        HistogramsPicture.NameAxes(plot, "rows", value: null);
        plot.Title(Shortened(name), size: 14);
        plot.Axes.Title.Label.Bold = false;
        _ = plot.ShowLegend(Alignment.UpperRight, Orientation.Horizontal);
        return plot;
    }

    private static string Shortened(string name) => ForeignText.Beginning(name.Length <= 24 ? name : name[..23] + "…");
}
