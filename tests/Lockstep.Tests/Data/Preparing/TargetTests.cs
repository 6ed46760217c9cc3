using System.Globalization;
using System.Text;
using Lockstep.Data;
using Lockstep.Data.Preparing;
using Lockstep.Lockstep.Tests.Data.Arrays;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Lockstep.Tests.Data.Preparing;

/// <summary>Columns of numbers to predict.</summary>
public sealed class TargetTests : IDisposable
{
    private readonly OwnFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("price,rent")]
    [InlineData(" 3 , -1")]
    public async Task Targets_AreStandardisedByTheTrainingRowsAlone(string targets)
    {
        Dataset data = (await OwnFiles.LoadAsync(Houses(), new PreparationOptions { Target = targets })).Data;

        Preparation preparation = data.Preparation!;
        Assert.Equal(["price", "rent"], preparation.Targets.Select(target => target.Name));
        Assert.Equal(["area", "garden"], ((TableSpec)preparation.Inputs).Columns.Select(column => column.Name));
        Assert.Equal((2, 2, 0), (data.Outputs, data.Training.Outputs, data.Classes));
        Assert.Empty(preparation.Classes);
        for (int target = 0; target < 2; target++)
        {
            TargetSpec spec = preparation.Targets[target];
            float[] outputs = [.. Enumerable.Range(0, data.TrainingExamples).Select(row => data.Training.Targets[2 * row + target])];
            Assert.Equal(0, outputs.Average(), 5);
            Assert.Equal(1, outputs.Average(y => y * y), 5);
            // The first row is trained on, in the order of the file.
            int first = Enumerable.Range(0, 60).First(
                row => Math.Abs(spec.OutputOf(target == 0 ? Price(row) : Rent(row)) - outputs[0]) < 1e-6);
            Assert.InRange(first, 0, 5);
            Assert.Equal(target == 0 ? Price(first) : Rent(first), spec.ValueOf(outputs[0]), 1e-3);
        }
    }

    [Fact]
    public async Task Targets_OfHeldOutRows_DoNotChangeTheScale()
    {
        Dataset before = (await OwnFiles.LoadAsync(Houses(), new PreparationOptions { Target = "price" })).Data;
        int test = ExampleSplit.Of(new byte[60], before.Preparation!.Split).Test[0];

        Dataset after = (await OwnFiles.LoadAsync(
            Houses(row => row == test ? "1e6" : null), new PreparationOptions { Target = "price" })).Data;

        Assert.Equal(before.Preparation.Targets, after.Preparation!.Targets);
        Assert.NotEqual(before.Sha256, after.Sha256);
    }

    [Fact]
    public async Task Known_PreparesTheSameExamples()
    {
        string path = Houses();
        LoadedDataset first = await OwnFiles.LoadAsync(path, new PreparationOptions { Target = "rent", Ignore = "price" });

        LoadedDataset again = await OwnFiles.LoadAsync(path, known: first);

        Assert.Equal(first.Data.Sha256, again.Data.Sha256);
        Assert.Equal(first.Data.Preparation!.Targets, again.Data.Preparation!.Targets);
    }

    [Fact]
    public async Task PreparedFile_OfTargets_ComesBack()
    {
        LoadedDataset loaded = await OwnFiles.LoadAsync(Houses(), new PreparationOptions { Target = "price" });
        var file = new MemoryStream();
        PreparedFile.Write(file, PreparedData.Of(loaded));
        file.Position = 0;

        PreparedData read = PreparedFile.Read(file)!;

        Assert.Equal(loaded.Data.Preparation!.Targets, read.Spec.Preparation!.Targets);
        Assert.Equal(loaded.Data.Training.Sha256(), read.Training.Sha256());
        Assert.Equal(loaded.Data.Test.Targets, read.Test.Targets);
    }

    [Theory]
    [InlineData(1, "y")]
    [InlineData(3, "y0,y1,y2")]
    public async Task Arrays_OfTargets_AreTheColumnsY(int columns, string names)
    {
        float[] x = [.. Enumerable.Range(0, 80).Select(i => i * 0.5f)], y = [.. Enumerable.Range(0, 40 * columns).Select(i => 2.25f * i)];
        string shape = columns == 1 ? "40," : $"40, {columns}";
        File.WriteAllBytes(_files.File("a.npz"), TestArrays.Npz(
            ("x.npy", TestArrays.Npy("<f4", "40, 2", TestArrays.Of(x))), ("y.npy", TestArrays.Npy("<f4", shape, TestArrays.Of(y)))));

        Dataset data = (await OwnFiles.LoadAsync(_files.File("a.npz"), new PreparationOptions { Target = "y" })).Data;

        Assert.Equal(names.Split(','), data.Preparation!.Targets.Select(target => target.Name));
        Assert.Equal((2, columns), ((int)data.Training.Shape.Count, data.Outputs));
        Assert.Contains(
            "Give --target y",
            await OwnFiles.RefusedAsync(_files.File("a.npz"), new PreparationOptions { Target = "x0" }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cost", "has no column 'cost'")]
    [InlineData("price,price", "names the column 'price' twice")]
    [InlineData("garden", "has texts")]
    [InlineData(",", "names 0 columns; expected a whole number from 1 to 256")]
    public async Task Target_ThatCannotBeUsed_IsRefused(string target, string expected) => Assert.Contains(
        expected, await OwnFiles.RefusedAsync(Houses(), new PreparationOptions { Target = target }), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "has 1 row without a number in the target 'price', the first in line 9")]
    [InlineData("nan", "has 1 row without a number in the target 'price', the first in line 9")]
    [InlineData("inf", "column 'price' has 'inf' in line 9; expected finite numbers")]
    [InlineData("on request", "numbers are needed here")]
    public async Task Target_ValueThatIsNoNumber_IsRefusedWithItsLine(string value, string expected) => Assert.Contains(
        expected,
        await OwnFiles.RefusedAsync(Houses(row => row == 7 ? value : null), new PreparationOptions { Target = "price" }),
        StringComparison.Ordinal);

    [Fact]
    public async Task Target_OfOneValue_IsRefused() => Assert.Contains(
        "the target 'price' is 0.1 in all 48 training rows; there is nothing to predict",
        await OwnFiles.RefusedAsync(Houses(_ => "0.1"), new PreparationOptions { Target = "price" }), StringComparison.Ordinal);

    [Fact]
    public async Task Target_TogetherWithLabelOrImages_IsRefused()
    {
        Assert.Contains(
            "--label and --target contradict each other",
            await OwnFiles.RefusedAsync(Houses(), new PreparationOptions { Target = "price", Label = "rent" }), StringComparison.Ordinal);
        File.WriteAllBytes(_files.File("a.npz"), TestArrays.Npz(
            ("x.npy", TestArrays.Npy("|u1", "2, 2, 2", new byte[8])), ("y.npy", TestArrays.Npy("<f4", "2,", TestArrays.Of(1f, 2f)))));
        Assert.Contains(
            "holds images, for which --target has no meaning",
            await OwnFiles.RefusedAsync(_files.File("a.npz"), new PreparationOptions { Target = "y" }), StringComparison.Ordinal);
    }

    private static double Price(int row) => 1000.0 * row + row * row % 7;

    private static double Rent(int row) => 5 * row + row % 3;

    private string Houses(Func<int, string?>? price = null)
    {
        var text = new StringBuilder("area,garden,price,rent\n");
        for (int row = 0; row < 60; row++)
        {
            string value = price?.Invoke(row) ?? Price(row).ToString(CultureInfo.InvariantCulture);
            _ = text.Append(CultureInfo.InvariantCulture, $"{row},{(row % 2 == 0 ? "yes" : "no")},{value},{Rent(row)}\n");
        }

        return _files.Write("houses.csv", text.ToString());
    }
}
