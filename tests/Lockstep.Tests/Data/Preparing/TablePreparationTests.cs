using System.Text.RegularExpressions;
using Lockstep.Data;
using Lockstep.Data.Preparing;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Lockstep.Tests.Data.Preparing;

/// <summary>What becomes of the columns of a table.</summary>
public sealed partial class TablePreparationTests : IDisposable
{
    private readonly OwnFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task ColumnsWithoutNameAndValues_AreLeftOut()
    {
        string rows = string.Concat(Enumerable.Range(0, 40).Select(row => $"{row % 7};{(row % 2 == 0 ? "x" : "y")};;\n"));

        LoadedDataset loaded = await OwnFiles.LoadAsync(_files.Write("trailing.csv", "a;label;;\n" + rows));

        Assert.Equal(["a"], ((TableSpec)loaded.Data.Preparation!.Inputs).Columns.Select(column => column.Name));
        Assert.Equal("Left out, as neither name nor values are there: column3, column4.", Assert.Single(loaded.Notices));
    }

    [Fact]
    public async Task Numbers_AreScaledByMeanAndDeviationOfTheTrainingRowsAlone()
    {
        Dataset data = (await OwnFiles.LoadAsync(_files.Flowers(), OwnFiles.Kind)).Data;

        var rows = (FeatureSet)data.Training;
        var length = (NumberColumn)((TableSpec)data.Preparation!.Inputs).Columns[0];
        double[] raw = [.. Enumerable.Range(0, data.TrainingExamples).Select(
            row => rows.Values[row * rows.Features] * length.Deviation + length.Mean)];
        Assert.Equal(length.Mean, raw.Average(), 6);
        Assert.Equal(length.Deviation, Math.Sqrt(raw.Average(x => (x - length.Mean) * (x - length.Mean))), 6);
        // The held-out rows are scaled by the same numbers, so that their own mean is another one.
        Assert.NotEqual(0, rows.Slice(data.TrainingExamples, data.ValidationExamples).Values[0]);
        Assert.Contains(raw, x => Math.Abs(x - 5.6) < 1e-5);
    }

    [Fact]
    public async Task Texts_BecomeAnInputForEachInOrdinalOrder()
    {
        Dataset data = (await OwnFiles.LoadAsync(_files.Flowers(), OwnFiles.Kind)).Data;

        var table = (TableSpec)data.Preparation!.Inputs;
        Assert.Equal(["blue", "red"], ((CategoryColumn)table.Columns[2]).Categories);
        Assert.Equal(4, data.Training.Shape.Count);
        var rows = (FeatureSet)data.Test;
        for (int row = 0; row < rows.Count; row++)
            Assert.Equal(1, rows.Values[row * 4 + 2] + rows.Values[row * 4 + 3]);
    }

    [Fact]
    public async Task Texts_OfHeldOutRowsOnly_AreNoCategoryAndTold()
    {
        byte[] labels = [.. Enumerable.Range(0, 60).Select(i => i % 3 == 0 ? (byte)1 : (byte)0)];
        int heldOut = ExampleSplit.Of(labels, new SplitSpec(0.1, 0.1, 1)).Test[0];
        string path = _files.Flowers(change: (i, row) => i == heldOut ? row.Replace("red", "green").Replace("blue", "green") : row);

        LoadedDataset loaded = await OwnFiles.LoadAsync(path, OwnFiles.Kind);

        var table = (TableSpec)loaded.Data.Preparation!.Inputs;
        Assert.Equal(["blue", "red"], ((CategoryColumn)table.Columns[2]).Categories);
        Assert.Single(loaded.Notices, notice => notice.Contains("1 text", StringComparison.Ordinal) && notice.Contains("did not occur"));
    }

    [Fact]
    public async Task Missing_IsTheMeanOfANumberAndNoCategoryOfAText()
    {
        string path = _files.Flowers(change: (i, row) => i is 3 or 4 ? ",," + row[(row.LastIndexOf(',') - 0)..] : row);

        Dataset data = (await OwnFiles.LoadAsync(path, OwnFiles.Kind)).Data;

        float[][] all = [.. new[] { data.Training, data.Test }.SelectMany(part => ((FeatureSet)part).Values.ToArray().Chunk(4))];
        Assert.Equal(2, all.Count(row => row.All(value => value == 0)));
        Assert.Contains(
            "'length' 2, 'width' 2, 'colour' 2", await OwnFiles.RefusedAsync(path, OwnFiles.Kind with { FillsMissing = false }));
    }

    [Theory]
    [InlineData("kind")]
    [InlineData("4")]
    [InlineData("-1")]
    public async Task Label_ByNameOrPlace_IsFound(string label)
    {
        Dataset data = (await OwnFiles.LoadAsync(_files.Flowers(), new PreparationOptions { Label = label })).Data;

        Assert.Equal(["iris", "rose"], data.Preparation!.Classes);
        Assert.Equal("kind", data.Preparation.Label);
    }

    [Fact]
    public async Task Label_NotSaidOrNotThere_IsAskedForWithACommandThatWorks()
    {
        string path = _files.Flowers();

        string unsaid = await OwnFiles.RefusedAsync(path), unknown = await OwnFiles.RefusedAsync(path, new() { Label = "kin" });

        string advised = LabelAdvice().Match(unsaid).Groups[1].Value;
        Assert.Equal("iris", (await OwnFiles.LoadAsync(path, new() { Label = advised })).Data.Preparation!.Classes[0]);
        Assert.Contains("did you mean 'kind'?", unknown);
        Assert.Contains("'length', 'width', 'colour', 'kind'", unknown);
    }

    [Fact]
    public async Task Label_Numbers_AreInTheirOrderAndNamedSo()
    {
        string path = _files.Write("n.csv", "x,label\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i},{i % 3 * 5 + 5}\n")));

        Dataset data = (await OwnFiles.LoadAsync(path)).Data;

        Assert.Equal(["5", "10", "15"], data.Preparation!.Classes);
        Assert.Equal(3, data.Training.Classes);
    }

    [Theory]
    [InlineData("0.5", "has the label 0.5 in the column 'label'; a class is a whole number or a text")]
    [InlineData("7", "has only the class '7'")]
    [InlineData("", "has 30 examples without a class")]
    public async Task Label_ThatNamesNoClass_IsRefused(string label, string expected)
    {
        string path = _files.Write("bad.csv", "x,label\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"{i},{label}\n")));

        Assert.Contains(expected, await OwnFiles.RefusedAsync(path));
    }

    [Fact]
    public async Task Label_OfTooManyClasses_IsRefused()
    {
        string path = _files.Write("many.csv", "x,label\n" + string.Concat(Enumerable.Range(0, 600).Select(i => $"{i},{i % 300}\n")));

        Assert.Contains("300 different labels", await OwnFiles.RefusedAsync(path));
    }

    [Fact]
    public async Task Names_OfRows_AreRefusedWithAnOptionThatWorks()
    {
        string path = _files.Flowers(change: (i, row) => $"flower {i},\"a, {i}\",{row}");
        System.IO.File.WriteAllText(path, "name,\"one, two\"," + System.IO.File.ReadAllText(path));

        string refused = await OwnFiles.RefusedAsync(path, OwnFiles.Kind);

        string ignore = IgnoreAdvice().Match(refused).Groups[1].Value;
        Dataset data = (await OwnFiles.LoadAsync(path, OwnFiles.Kind with { Ignore = ignore })).Data;
        Assert.Equal(["length", "width", "colour"], ((TableSpec)data.Preparation!.Inputs).Columns.Select(column => column.Name));
    }

    [Fact]
    public async Task Columns_ThatAreNotThere_AreAllToldOf()
    {
        string refused = await OwnFiles.RefusedAsync(
            _files.Flowers(), OwnFiles.Kind with { Ignore = "witdh", Categorical = "colour,size" });

        Assert.Contains("--ignore 'witdh' is no column of", refused);
        Assert.Contains("did you mean 'width'?", refused);
        Assert.Contains("--categorical 'size' is no column", refused);
    }

    [Fact]
    public async Task Categorical_Numbers_BecomeCategories()
    {
        Dataset data = (await OwnFiles.LoadAsync(
            _files.Flowers(), OwnFiles.Kind with { Categorical = "width", Standardizes = false })).Data;

        var columns = ((TableSpec)data.Preparation!.Inputs).Columns;
        Assert.Equal(["1", "1.25", "1.5", "1.75", "2"], ((CategoryColumn)columns[1]).Categories);
        Assert.Equal(new NumberColumn("length", 0, 1), columns[0]);
        Assert.Contains(((FeatureSet)data.Training).Values.ToArray(), value => value == 5.1f);
    }

    [Fact]
    public async Task Known_SameColumnsInAnotherOrder_GiveTheSameExamples()
    {
        LoadedDataset loaded = await OwnFiles.LoadAsync(_files.Flowers(), OwnFiles.Kind);
        string turned = _files.Write("turned.csv", string.Join('\n', System.IO.File.ReadLines(_files.File("flowers.csv")).Select(
            row => string.Join(',', row.Split(',').Reverse().Append("more")))));

        Assert.Equal(loaded.Data.Sha256, (await OwnFiles.LoadAsync(turned, known: loaded)).Data.Sha256);
    }

    [Fact]
    public async Task Known_MissingColumnOrUnknownClass_IsTold()
    {
        LoadedDataset loaded = await OwnFiles.LoadAsync(_files.Flowers(), OwnFiles.Kind);
        string narrow = _files.Write("narrow.csv", "length,kind\n" + string.Concat(Enumerable.Repeat("1,iris\n2,rose\n", 20)));
        string other = _files.Write("other.csv", "length,width,colour,kind\n1,2,red,tulip\n1,2,red,iris\n");

        Assert.Contains(
            "lacks 2 columns that the model takes: 'width', 'colour'",
            (await Assert.ThrowsAnyAsync<DatasetException>(() => OwnFiles.LoadAsync(narrow, known: loaded))).Message);
        Assert.Contains(
            "has the class 'tulip', which the model does not know; it tells 'iris', 'rose' apart",
            (await Assert.ThrowsAnyAsync<DatasetException>(() => OwnFiles.LoadAsync(other, known: loaded))).Message);
    }

    [Fact]
    public async Task Digest_OfOneFile_IsPinned()
    {
        // A change of these bytes is a change of what people's weights are, and belongs into the changelog.
        Dataset data = (await OwnFiles.LoadAsync(
            _files.Flowers(change: (i, row) => i % 11 == 5 ? "," + row[(row.IndexOf(',') + 1)..] : row), OwnFiles.Kind)).Data;

        Assert.StartsWith("82191e2a0c902376d0b128d61605d0111608e32ac", data.Sha256, StringComparison.Ordinal);
    }

    [GeneratedRegex("--label (\\S+) or")]
    private static partial Regex LabelAdvice();

    [GeneratedRegex("--ignore '(.*)'\\.$")]
    private static partial Regex IgnoreAdvice();
}
