using Lockstep.Model.Data;

namespace Lockstep.Model.Tests.Data;

public class SyntheticDigitsTests
{
    private static readonly Lazy<Dataset> Digits = new(SyntheticDigits.Create);

    [Fact]
    public void Create_OnAnyMachine_GivesTheSameBytes()
        => Assert.Equal("96de9031cac1d506ba2e70c8ef2ecf2e65b8c2ff299a2a9b318e3c53f98da2bd", Digits.Value.Sha256);

    [Fact]
    public void Create_Always_HasTheFormOfMnist()
    {
        ImageSet training = Assert.IsType<ImageSet>(Digits.Value.Training), test = Assert.IsType<ImageSet>(Digits.Value.Test);

        Assert.Equal((60_000, 10_000, 10), (training.Count, test.Count, training.Classes));
        Assert.Equal((28, 28), (training.Height, training.Width));
        Assert.Equal((55_000, 5_000), (Digits.Value.TrainingExamples, Digits.Value.ValidationExamples));
        Assert.InRange(training.NonZeroPixels / (60_000.0 * 784), 0.18, 0.20);
        Assert.All(training.Labels.ToArray().CountBy(label => label), pair => Assert.InRange(pair.Value, 5_500, 6_500));
    }

    [Fact]
    public void Create_EveryImage_IsInkCentredByMassWithAMargin()
    {
        var test = (ImageSet)Digits.Value.Test;
        byte[] pixels = new byte[784];
        for (int i = 0; i < test.Count; i++)
        {
            test.CopyPixels(i, pixels);
            double mass = 0, x = 0, y = 0;
            for (int p = 0; p < 784; p++)
                (mass, x, y) = (mass + pixels[p], x + pixels[p] * (p % 28), y + pixels[p] * (p / 28));

            Assert.True(mass > 20 * 255, $"image {i} has hardly any ink: {mass}");
            Assert.True(Math.Abs(x / mass - 13.5) < 2 && Math.Abs(y / mass - 13.5) < 2, $"image {i} is centred at {x / mass}, {y / mass}");
        }
    }

    [Fact]
    public void CreateImages_APart_EqualsThatPartOfTheWhole()
        => Assert.Equal(Digits.Value.Training.Slice(1_234, 777).Sha256(), SyntheticDigits.CreateImages(1_234, 777).Sha256());
}
